// The import law: platform <- cache <- {catalog, discounts, inventory, customers} <- cart <- checkout <- ops <- app.
const order = [
  ['platform'],
  ['cache'],
  ['catalog', 'discounts', 'inventory', 'customers'],
  ['cart'],
  ['checkout'],
  ['ops'],
];

// A module may import only modules of the ranks below its own.
const law = order.flatMap((rank, i) =>
  rank.map((module) => ({
    name: `law-${module}`,
    comment: `${module} may import only what stands below it (docs: ARCHITECTURE.md, "Import law")`,
    severity: 'error',
    from: { path: `^src/${module}/` },
    to: {
      path: '^src/',
      pathNot: `^src/(${[module, ...order.slice(0, i).flat()].join('|')})/`,
    },
  })),
);

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'only-through-index',
      comment:
        'a feature module is used only through its index.ts (platform and cache are libraries: by file or by index)',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^src/(catalog|discounts|inventory|customers|cart|checkout|ops)/',
        pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|local)/' },
    },
    ...law,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
