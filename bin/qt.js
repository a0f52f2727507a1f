#!/usr/bin/env node
// Plain JavaScript that every Node since 12 can parse: it must be able to say that Node is too old.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `qt: NODE_TOO_OLD: this is Node ${process.versions.node}, qt-trader needs 22.18 or newer: ` +
      'install a current Node, or add one to this project with "npm install --save-dev node@24" and use "npx qt"',
  );
  process.exitCode = 78;
} else {
  const main = new URL('../dist/cli/main.js', import.meta.url);
  import(main).then(
    cli => cli.main(process.argv),
    error => {
      if (error.url !== main.href) throw error;
      console.error('qt: NOT_BUILT: this checkout has no dist/cli/main.js: run "npm run build"');
      process.exitCode = 78;
    },
  );
}
