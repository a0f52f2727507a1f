#!/usr/bin/env node
// Plain JavaScript that every Node since 12 can parse: it must be able to say that Node is too old.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  console.error(
    `qt: NODE_TOO_OLD: this is Node ${process.versions.node}, qt-trader needs 22.22 or newer: ` +
      'install a current Node, or add one to this project with "npm install --save-dev node@24" and use "npx qt"',
  );
  process.exitCode = 78;
} else {
  import('../dist/cli/main.js').then(cli => cli.main(process.argv));
}
