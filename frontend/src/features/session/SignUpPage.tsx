import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useAppDispatch } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { AuthCard } from "./AuthCard";
import { signUp } from "./sessionSlice";

type SignUpPageProps = { kind: "first" } | { kind: "open" } | { kind: "invited"; invitation: string };

const WORDS = {
  first: {
    title: "Set up ChatSynth",
    subtitle: "Create the first account. It runs this server and can invite others.",
    button: "Create account",
  },
  open: {
    title: "Create your account",
    subtitle: "One library for all your AI chats.",
    button: "Create account",
  },
  invited: {
    title: "You are invited",
    subtitle: "Create your account to join this ChatSynth.",
    button: "Accept and join",
  },
};

export function SignUpPage(props: SignUpPageProps) {
  const words = WORDS[props.kind];
  const { submit, sending, problem } = useSignUp(props.kind === "invited" ? props.invitation : null);
  return (
    <AuthCard title={words.title} subtitle={words.subtitle}>
      <form data-testid="sign-up" aria-label={words.title} onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <TextInput
            name="name"
            label="Name"
            description="Others see it beside your edits."
            autoComplete="name"
            required
            autoFocus
          />
          <TextInput name="email" type="email" label="E-mail" autoComplete="username" required />
          <PasswordInput
            name="password"
            label="Password"
            description="At least 10 characters. A few words in a row are easy to remember."
            autoComplete="new-password"
            minLength={10}
            required
          />
          <ErrorNote sentence={problem} />
          <Button type="submit" loading={sending} fullWidth>
            {words.button}
          </Button>
        </Stack>
      </form>
      {props.kind !== "first" && (
        <p>
          Have an account?{" "}
          <Anchor component={Link} to="/">
            Sign in
          </Anchor>
        </p>
      )}
    </AuthCard>
  );
}

function useSignUp(invitation: string | null) {
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setSending(true);
    setProblem(null);
    const result = await dispatch(
      signUp({
        name: text("name").trim(),
        email: text("email").trim(),
        password: text("password"),
        ...(invitation === null ? {} : { invitation }),
      }),
    );
    setSending(false);
    if (signUp.fulfilled.match(result)) await navigate("/", { replace: true });
    else setProblem(result.payload ?? "The account could not be created. Please try again.");
  };
  return { submit, sending, problem };
}
