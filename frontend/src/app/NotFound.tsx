import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link } from "react-router";
import { EmptyState } from "../components/EmptyState";
import { PageBar } from "../components/PageBar";

/** For an address that leads nowhere. */
export function NotFound() {
  return (
    <>
      <PageBar />
      <EmptyState
        icon={<IconMapQuestion size={22} />}
        title="This page does not exist"
        action={
          <Button component={Link} to="/">
            Go to the library
          </Button>
        }
      >
        The address may be mistyped, or what it led to is gone.
      </EmptyState>
    </>
  );
}
