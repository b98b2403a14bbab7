import type { User } from "../../api/wire";
import { TitledPage } from "../../components/TitledPage";
import { Invitations } from "./Invitations";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import classes from "./Settings.module.css";
import { SignOutEverywhere } from "./SignOutEverywhere";
import { Tokens } from "./Tokens";

/** Everything about the person's own account. */
export default function SettingsPage({ user }: { user: User }) {
  return (
    <TitledPage title="Settings">
      <div className={classes.sections}>
        <ProfileForm user={user} />
        <PasswordForm />
        <SignOutEverywhere />
        <Tokens />
        {user.isAdmin && <Invitations />}
      </div>
    </TitledPage>
  );
}
