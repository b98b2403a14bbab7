import { Drawer } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import type { User } from "../api/wire";
import { PageErrorBoundary } from "../components/PageErrorBoundary";
import { patiently } from "../components/patientImport";
import { SidebarContext } from "../components/SidebarContext";
import { Splash } from "../components/Splash";
import { ConnectionBanner } from "../features/connection/ConnectionBanner";
import { ConnectionStatus } from "../features/connection/ConnectionStatus";
import { KeptDrafts } from "../features/connection/KeptDrafts";
import { LibraryHome } from "../features/library/LibraryHome";
import { Toasts } from "../features/notifications/Toasts";
import { JumpDialog } from "./JumpDialog";
import { NotFound } from "./NotFound";
import classes from "./Shell.module.css";
import { ShortcutSheet } from "./ShortcutSheet";
import { Sidebar } from "./Sidebar";
import { useShortcuts } from "./useShortcuts";

const ChatPage = lazy(() => patiently(() => import("../features/chats/ChatPage")));
const HealthPage = lazy(() => patiently(() => import("../features/health/HealthPage")));
const ImportsPage = lazy(() => patiently(() => import("../features/imports/ImportsPage")));
const SettingsPage = lazy(() => patiently(() => import("../features/settings/SettingsPage")));

/** Who is signed in has no use for these. */
const FOR_SIGNING_IN = ["/join/*", "/sign-up", "/sign-in"];

/** The frame: the list of chats at the side (a drawer on a phone), and what is open beside it. */
export function Shell({ user }: { user: User }) {
  const isWide = useMediaQuery("(min-width: 48em)", true, { getInitialValueInEffect: false });
  const [isDrawerOpen, drawer] = useDisclosure(false);
  const [isJumping, jump] = useDisclosure(false);
  const [isSheetOpen, sheet] = useDisclosure(false);
  const location = useLocation();
  const focusSearch = useCallback(() => {
    if (!isWide) drawer.open();
    setTimeout(() => document.getElementById("search-input")?.focus(), isWide ? 0 : 200);
  }, [isWide, drawer]);
  useShortcuts({ onSearch: focusSearch, onJump: jump.open, onHelp: sheet.open });
  const sidebarState = useMemo(
    () => ({
      isHidden: !isWide,
      open: drawer.open,
      close: drawer.close,
      status: <ConnectionStatus isShort />,
    }),
    [isWide, drawer],
  );
  const sidebar = <Sidebar user={user} onHelp={sheet.open} onJump={jump.open} />;
  return (
    <SidebarContext value={sidebarState}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <div className={classes.shell}>
        {isWide ? (
          <aside className={classes.sidebar} aria-label="Library">
            {sidebar}
          </aside>
        ) : (
          <Drawer.Root
            opened={isDrawerOpen}
            onClose={drawer.close}
            size="min(22rem, 88vw)"
            padding={0}
            classNames={{ content: classes.drawer, body: classes.drawerBody }}
          >
            <Drawer.Overlay backgroundOpacity={0.6} />
            <Drawer.Content aria-label="Library">
              <Drawer.Body>{sidebar}</Drawer.Body>
            </Drawer.Content>
          </Drawer.Root>
        )}
        <div className={classes.main}>
          <ConnectionBanner />
          <KeptDrafts />
          <main id="content" className={classes.content} tabIndex={-1}>
            <PageErrorBoundary resetKey={location.pathname}>
              <Suspense fallback={<Splash />}>
                <Routes>
                  <Route path="/chats/:chatId" element={<ChatPage user={user} />} />
                  <Route path="/imports/:jobId?" element={<ImportsPage />} />
                  <Route path="/settings" element={<SettingsPage user={user} />} />
                  {user.isAdmin && <Route path="/health" element={<HealthPage />} />}
                  <Route path="/" element={<LibraryHome user={user} />} />
                  {FOR_SIGNING_IN.map((path) => (
                    <Route key={path} path={path} element={<Navigate to="/" replace />} />
                  ))}
                  <Route path="*" element={<NotFound />} />
                </Routes>
              </Suspense>
            </PageErrorBoundary>
          </main>
        </div>
      </div>
      <JumpDialog opened={isJumping} onClose={jump.close} />
      <ShortcutSheet opened={isSheetOpen} onClose={sheet.close} />
      <Toasts />
    </SidebarContext>
  );
}
