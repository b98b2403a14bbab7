import { createContext, type ReactNode, useContext } from "react";

export interface SidebarState {
  /** True on a phone, where the sidebar is a drawer that a button opens. */
  isHidden: boolean;
  open: () => void;
  close: () => void;
  /** How the connection is, for the bar of each page while the sidebar is hidden. */
  status: ReactNode;
}

const nothing = () => undefined;

export const SidebarContext = createContext<SidebarState>({
  isHidden: false,
  open: nothing,
  close: nothing,
  status: null,
});

export function useSidebar(): SidebarState {
  return useContext(SidebarContext);
}
