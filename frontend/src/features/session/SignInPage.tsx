import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { useAppDispatch } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { AuthCard } from "./AuthCard";
import { signIn } from "./sessionSlice";

export function SignInPage({ maySignUp }: { maySignUp: boolean }) {
  const dispatch = useAppDispatch();
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSending(true);
    setProblem(null);
    const result = await dispatch(
      signIn({ email: String(form.get("email")).trim(), password: String(form.get("password")) }),
    );
    setSending(false);
    if (signIn.rejected.match(result))
      setProblem(result.payload ?? "Signing in did not work. Please try again.");
  };
  return (
    <AuthCard title="Welcome back" subtitle="Sign in to your library.">
      <form data-testid="sign-in" aria-label="Sign in" onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <TextInput name="email" type="email" label="E-mail" autoComplete="username" required autoFocus />
          <PasswordInput name="password" label="Password" autoComplete="current-password" required />
          <ErrorNote sentence={problem} />
          <Button type="submit" loading={sending} fullWidth>
            Sign in
          </Button>
        </Stack>
      </form>
      {maySignUp && (
        <p>
          New here?{" "}
          <Anchor component={Link} to="/sign-up">
            Create an account
          </Anchor>
        </p>
      )}
    </AuthCard>
  );
}
