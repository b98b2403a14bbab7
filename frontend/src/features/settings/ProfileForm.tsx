import { Button, TextInput } from "@mantine/core";
import { accounts } from "../../api/endpoints";
import type { User } from "../../api/wire";
import { useAppDispatch } from "../../app/hooks";
import { ErrorNote } from "../../components/ErrorNote";
import { profileChanged } from "../session/sessionSlice";
import { Section } from "./Section";
import classes from "./Settings.module.css";
import { useSubmit } from "./useSubmit";

export function ProfileForm({ user }: { user: User }) {
  const dispatch = useAppDispatch();
  const { onSubmit, isSending, isDone, problem } = useSubmit(async (form) => {
    dispatch(profileChanged(await accounts.rename(String(form.get("name")).trim())));
  });
  return (
    <Section title="Profile" words="Others see your name beside your edits and your cursor.">
      <form className={classes.form} onSubmit={onSubmit}>
        <TextInput
          key={user.name}
          name="name"
          label="Name"
          defaultValue={user.name}
          maxLength={100}
          autoComplete="name"
          required
        />
        <TextInput label="E-mail" value={user.email} readOnly variant="filled" />
        <ErrorNote sentence={problem} />
        <div className={classes.line}>
          <Button type="submit" variant="default" loading={isSending}>
            Save
          </Button>
          <span role="status">{isDone && "Saved"}</span>
        </div>
      </form>
    </Section>
  );
}
