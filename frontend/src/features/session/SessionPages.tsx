import { Anchor } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link, Navigate, Route, Routes, useParams, useSearchParams } from "react-router";
import { accounts } from "../../api/endpoints";
import { Splash } from "../../components/Splash";
import { AuthCard } from "./AuthCard";
import { SignInPage } from "./SignInPage";
import { SignUpPage } from "./SignUpPage";

interface SessionPagesProps {
  isFirst: boolean;
  signup: string;
}

/** Everything that a person sees who is not signed in. */
export function SessionPages({ isFirst, signup }: SessionPagesProps) {
  if (isFirst) return <SignUpPage kind="first" />;
  return (
    <Routes>
      <Route path="/join/:invitation" element={<Joining />} />
      <Route path="/join" element={<Joining />} />
      <Route
        path="/sign-up"
        element={signup === "open" ? <SignUpPage kind="open" /> : <Navigate to="/" replace />}
      />
      <Route path="*" element={<SignInPage maySignUp={signup === "open"} />} />
    </Routes>
  );
}

function Joining() {
  const { invitation } = useParams();
  const [query] = useSearchParams();
  const code = invitation ?? query.get("invitation") ?? query.get("code");
  return code ? <Invited key={code} invitation={code} /> : <Navigate to="/" replace />;
}

function Invited({ invitation }: { invitation: string }) {
  const isOpen = useInvitation(invitation);
  if (isOpen === null) return <Splash />;
  return isOpen ? <SignUpPage kind="invited" invitation={invitation} /> : <InvitationEnded />;
}

/** Null until it is known. Away from the network the form is shown; the server decides in the end. */
function useInvitation(invitation: string): boolean | null {
  const [isOpen, setIsOpen] = useState<boolean | null>(null);
  useEffect(() => {
    accounts.checkInvitation(invitation).then(
      (found) => setIsOpen(found.isOpen),
      () => setIsOpen(true),
    );
  }, [invitation]);
  return isOpen;
}

function InvitationEnded() {
  return (
    <AuthCard
      title="This invitation no longer works"
      subtitle="It was used already, was withdrawn, or is too old. Ask whoever sent it for a new link."
    >
      <p>
        Have an account?{" "}
        <Anchor component={Link} to="/">
          Sign in
        </Anchor>
      </p>
    </AuthCard>
  );
}
