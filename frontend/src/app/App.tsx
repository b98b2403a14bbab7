import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { Provider } from "react-redux";
import { BrowserRouter } from "react-router";
import { PageErrorBoundary } from "../components/PageErrorBoundary";
import { Gate } from "./Gate";
import type { Store } from "./store";
import { cssVariables, theme } from "./theme";

/** The whole page on one store. */
export function App({ store }: { store: Store }) {
  return (
    <Provider store={store}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <PageErrorBoundary>
          <BrowserRouter>
            <Gate />
          </BrowserRouter>
        </PageErrorBoundary>
        <Notifications position="bottom-right" limit={4} zIndex={400} />
      </MantineProvider>
    </Provider>
  );
}
