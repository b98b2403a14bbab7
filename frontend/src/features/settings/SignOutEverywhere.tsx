import { Button } from "@mantine/core";
import { useState } from "react";
import { useAppDispatch } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { signOutEverywhere } from "../session/sessionSlice";
import { Section } from "./Section";

export function SignOutEverywhere() {
  const dispatch = useAppDispatch();
  const [problem, setProblem] = useState<string | null>(null);
  const act = async (): Promise<void> => {
    const result = await dispatch(signOutEverywhere());
    if (signOutEverywhere.rejected.match(result))
      setProblem(result.error.message ?? "This did not work just now.");
  };
  return (
    <Section
      title="Devices"
      words="Ends every sign-in of your account at once, this one too. Changes kept on a device wait there for you."
    >
      <ErrorNote sentence={problem} />
      <Button variant="default" color="red" onClick={() => void act()}>
        Sign out everywhere
      </Button>
    </Section>
  );
}
