import { createContext, useContext } from "react";

export interface SidebarState {
  /** True on a phone, where the sidebar is a drawer that a button opens. */
  isHidden: boolean;
  open: () => void;
  close: () => void;
}

const nothing = () => undefined;

export const SidebarContext = createContext<SidebarState>({ isHidden: false, open: nothing, close: nothing });

export function useSidebar(): SidebarState {
  return useContext(SidebarContext);
}
