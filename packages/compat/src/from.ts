export { type ConnectPgSimpleOptions, connectPgSimple, type PgPool } from './from/connect-pg-simple.ts';
export { type ConnectRedisOptions, connectRedis } from './from/connect-redis.ts';
export { type ConnectSessionKnexOptions, connectSessionKnex, type KnexClient } from './from/connect-session-knex.ts';
export { type ExpressMysqlSessionOptions, expressMysqlSession, type MysqlPool } from './from/express-mysql-session.ts';
export type { ReaderOptions } from './from/left-behind.ts';
export type { AnyRedisClient, IoredisClient, NodeRedisClient, NodeRedisCluster } from './from/redis-commands.ts';
export { type SessionFileStoreOptions, sessionFileStore } from './from/session-file-store.ts';
export type { LegacySessions } from './kept/legacy-sessions.ts';
export { type MoveInOptions, moveIn } from './kept/move-in.ts';
