/** Imports point one way: main, app, features, components, then api and realtime, which know nothing above them. */
const TESTS = "[.]test[.]tsx?$";

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment:
        "What dispatches names the store's type, and the store names its features; a type is gone at run time.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      comment: "A file that nobody imports and that imports nothing is dead.",
      severity: "error",
      from: { orphan: true, pathNot: ["[.]d[.]ts$", TESTS] },
      to: {},
    },
    {
      name: "realtime-knows-no-product",
      severity: "error",
      from: { path: "^src/realtime/" },
      to: { path: "^src/(app|features|components)/" },
    },
    {
      name: "api-knows-no-product",
      severity: "error",
      from: { path: "^src/api/" },
      to: { path: "^src/(app|features|components)/" },
    },
    {
      name: "components-know-no-feature",
      severity: "error",
      from: { path: "^src/components/" },
      to: { path: "^src/(app|features)/" },
    },
    {
      name: "features-know-the-typed-hooks-only",
      comment: "Of app/ a feature may use the typed hooks, and the store as a type.",
      severity: "error",
      from: { path: "^src/features/", pathNot: TESTS },
      to: { path: "^src/app/", pathNot: "^src/app/(hooks|store)[.]tsx?$" },
    },
    {
      name: "features-know-the-store-as-a-type",
      severity: "error",
      from: { path: "^src/features/", pathNot: TESTS },
      to: { path: "^src/app/store[.]tsx?$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "slices-know-no-store",
      comment: "A slice names the part of the store that it reads; the store is made of slices.",
      severity: "error",
      from: { path: "Slice[.]ts$" },
      to: { path: "^src/app/" },
    },
    {
      name: "no-tests-in-the-page",
      severity: "error",
      from: { pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-development-packages-in-the-page",
      severity: "error",
      from: { path: "^src/", pathNot: [TESTS, "^src/testing/"] },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "browser", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
};
