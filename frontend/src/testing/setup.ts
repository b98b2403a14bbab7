import { configure } from "@testing-library/react";

/** What is waited for comes when the machine gets to it; a loaded one takes longer than the library's second. */
configure({ asyncUtilTimeout: 30_000 });
