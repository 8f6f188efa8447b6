/** Preloaded into an example: what would listen on port 3000 listens on a free one, and tells it. */
import { Server } from 'node:net';

const { listen } = Server.prototype;

Server.prototype.listen = function (where, ...rest) {
  const isExample = where === 3000 || where?.port === 3000;
  if (!isExample) return listen.call(this, where, ...rest);
  this.once('listening', () => process.send(this.address().port));
  return listen.call(this, where === 3000 ? 0 : { ...where, port: 0 }, ...rest);
};
