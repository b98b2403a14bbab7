import { Button, PasswordInput } from "@mantine/core";
import { accounts } from "../../api/endpoints";
import { ErrorNote } from "../../components/ErrorNote";
import { Section } from "./Section";
import classes from "./Settings.module.css";
import { useSubmit } from "./useSubmit";

export function PasswordForm() {
  const { onSubmit, isSending, isDone, problem } = useSubmit((form) =>
    accounts.changePassword({ current: String(form.get("current")), new: String(form.get("new")) }),
  );
  return (
    <Section title="Password" words="Changing it signs out your other devices.">
      <form className={classes.form} onSubmit={onSubmit}>
        <PasswordInput name="current" label="Present password" autoComplete="current-password" required />
        <PasswordInput
          name="new"
          label="New password"
          description="At least 10 characters"
          autoComplete="new-password"
          minLength={10}
          required
        />
        <ErrorNote sentence={problem} />
        <div className={classes.line}>
          <Button type="submit" variant="default" loading={isSending}>
            Change the password
          </Button>
          <span role="status">{isDone && "Changed"}</span>
        </div>
      </form>
    </Section>
  );
}
