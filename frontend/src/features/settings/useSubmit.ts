import { type FormEvent, useState } from "react";
import { sentenceOf } from "../../api/client";

export type Outcome =
  | { kind: "ready" }
  | { kind: "sending" }
  | { kind: "done" }
  | { kind: "failed"; sentence: string };

/** Runs what a form asks for, and remembers how it went. */
export function useSubmit(act: (form: FormData) => Promise<void>) {
  const [outcome, setOutcome] = useState<Outcome>({ kind: "ready" });
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setOutcome({ kind: "sending" });
    try {
      await act(new FormData(form));
      form.reset();
      setOutcome({ kind: "done" });
    } catch (error) {
      setOutcome({ kind: "failed", sentence: sentenceOf(error) });
    }
  };
  return {
    onSubmit: (event: FormEvent<HTMLFormElement>) => void submit(event),
    isSending: outcome.kind === "sending",
    isDone: outcome.kind === "done",
    problem: outcome.kind === "failed" ? outcome.sentence : null,
  };
}
