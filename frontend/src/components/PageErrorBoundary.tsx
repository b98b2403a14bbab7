import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { EmptyState } from "./EmptyState";

interface PageErrorBoundaryProps {
  children: ReactNode;
  /** A new value shows the children again. */
  resetKey?: string;
}

interface Failure {
  resetKey: string | undefined;
  failed: boolean;
}

/** Says that something broke instead of showing an empty page; what was typed is on the device already. */
export class PageErrorBoundary extends Component<PageErrorBoundaryProps, Failure> {
  override state: Failure = { resetKey: this.props.resetKey, failed: false };

  static getDerivedStateFromError(): Partial<Failure> {
    return { failed: true };
  }

  static getDerivedStateFromProps(props: PageErrorBoundaryProps, state: Failure): Failure | null {
    return props.resetKey === state.resetKey ? null : { resetKey: props.resetKey, failed: false };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <EmptyState
        title="This page could not be shown"
        action={<Button onClick={() => globalThis.location.reload()}>Reload</Button>}
      >
        Something went wrong here. What you typed is kept; reloading usually helps.
      </EmptyState>
    );
  }
}
