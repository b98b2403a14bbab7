import type { User } from "../../api/wire";
import { PageBar } from "../../components/PageBar";
import { Invitations } from "./Invitations";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import classes from "./Settings.module.css";
import { SignOutEverywhere } from "./SignOutEverywhere";
import { Tokens } from "./Tokens";

/** Everything about the person's own account. */
export default function SettingsPage({ user }: { user: User }) {
  return (
    <div className={classes.page}>
      <PageBar>
        <h1 className={classes.title}>Settings</h1>
      </PageBar>
      <div className={classes.scroller}>
        <div className={classes.sections}>
          <ProfileForm user={user} />
          <PasswordForm />
          <SignOutEverywhere />
          <Tokens />
          {user.isAdmin && <Invitations />}
        </div>
      </div>
    </div>
  );
}
