#!/usr/bin/env node
// npm links this file before anything is built, so it has to exist in the tree.
await import('../dist/main.js');
