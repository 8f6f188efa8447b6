import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';

const [url = '', port] = process.argv.slice(2);
const client = createClient({ url });
await client.connect();

const app = express();
app.use(
  session({
    store: new RedisStore({ client }),
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 3_600_000 },
  }),
);

app.get('/login/:user', ({ session, params }, response) => {
  Object.assign(session, { user: params.user });
  response.end();
});
app.get('/add/:item', ({ session, params, sessionStore }, response) => {
  Object.assign(session, { [params.item]: true });
  response.json({ ...session, store: sessionStore.constructor.name });
});
app.get('/show', ({ session }, response) => void response.json(session));
app.get('/logout', ({ session }, response) => void session.destroy(() => response.end()));

const server = app.listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
// Nobody waits on a connection while the server closes.
server.maxRequestsPerSocket = 1;
process.once('SIGTERM', () => server.close(() => process.exit()));
