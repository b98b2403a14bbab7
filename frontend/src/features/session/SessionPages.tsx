import { Navigate, Route, Routes, useParams, useSearchParams } from "react-router";
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
  return code ? <SignUpPage kind="invited" invitation={code} /> : <Navigate to="/" replace />;
}
