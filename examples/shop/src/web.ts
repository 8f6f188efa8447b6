import { createApp } from './app.ts';
import { openSessions } from './sessions.ts';
import { readSettings } from './settings.ts';
import { endOfShift } from './shift.ts';

/** One process of the site. On its way out it answers what it has begun. */
const { host, port, dataDirectory } = readSettings();
const server = createApp(await openSessions(dataDirectory), dataDirectory).listen(port, host);

server.on('error', (error) => {
  console.error(`web: ${error.message}`);
  process.exit(1);
});
endOfShift().addEventListener('abort', () => server.close(() => process.exit()));
