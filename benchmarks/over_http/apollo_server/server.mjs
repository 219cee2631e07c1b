// Apollo Server as its documentation sets it up, in a cluster of processes: jsonwebtoken verifies,
// and a Redis denylist is asked about the token's id.
//
// SECRET_AS: `text`, as in jsonwebtoken's documentation, or `key`, prepared once.
// DATABASE_URL: where to load the user and the list from for each request. Without one, both are in
// memory, where no request has to wait for them.

import cluster from "node:cluster";
import { createHash, createSecretKey, randomUUID, timingSafeEqual } from "node:crypto";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { GraphQLError } from "graphql";
import jwt from "jsonwebtoken";
import pg from "pg";
import { createClient } from "redis";

const { PORT, WORKERS, SECRET, SECRET_AS, TOKEN_SECONDS, REDIS_URL, DATABASE_URL } = process.env;
const { USERNAME, EMAIL, PASSWORD, BOOKS } = process.env;

// Given the text, jsonwebtoken tries with each token whether it is a public key, which costs more
// than all the rest of a request.
const secret = SECRET_AS === "key" ? createSecretKey(SECRET, "utf8") : SECRET;

// Prepared once on each connection.
const USER_BY_ID = {
  name: "user-by-id",
  text: "SELECT id, username, email FROM auth_user WHERE id = $1 AND is_active",
};
const USER_BY_NAME = {
  name: "user-by-name",
  text: "SELECT id, password FROM auth_user WHERE username = $1 AND is_active",
};
const ALL_BOOKS = {
  name: "all-books",
  text: "SELECT id, title, author, pages, year FROM benchmarks_book ORDER BY id",
};

const typeDefs = `#graphql
  type User { id: ID! username: String! email: String }
  type Book { id: ID! title: String! author: String! pages: Int! year: Int! }
  type SignedIn { token: String! }
  type SignedOut { ok: Boolean! }
  type Query { me: User books: [Book] }
  type Mutation {
    tokenAuth(username: String!, password: String!): SignedIn
    logout: SignedOut
  }
`;

const resolvers = {
  Query: {
    me: (_parent, _args, context) => signedIn(context).user,
    books: (_parent, _args, context) => signedIn(context) && allBooks(),
  },
  Mutation: {
    tokenAuth: async (_parent, args) => ({ token: await signFor(args) }),
    logout: async (_parent, _args, context) => {
      await deny(signedIn(context).claims);
      return { ok: true };
    },
  },
};

const redis = createClient({ url: REDIS_URL });
const pool = DATABASE_URL && new pg.Pool({ connectionString: DATABASE_URL });
const books = JSON.parse(BOOKS);
const users = new Map();

// MD5 as in all others here: what hashing costs would hide everything else at a sign-in. Kept as
// Django writes it.
const digest = (password, salt) => createHash("md5").update(salt + password).digest();
const encode = (password, salt) => ["md5", salt, digest(password, salt).toString("hex")].join("$");
const keyOf = (claims) => `denylist:${claims.jti}`;

async function context({ req }) {
  const token = req.headers.authorization?.replace(/^Bearer /, "");
  if (!token) return {};
  try {
    const claims = jwt.verify(token, secret, { algorithms: ["HS256"] });
    if (await redis.exists(keyOf(claims))) return {};
    return { claims, user: await userOf(claims) };
  } catch (error) {
    if (error instanceof jwt.JsonWebTokenError) return {};
    throw error;
  }
}

async function userOf(claims) {
  if (!pool) return users.get(claims.sub);
  const { rows } = await pool.query({ ...USER_BY_ID, values: [claims.sub] });
  return rows[0];
}

async function userNamed(username) {
  if (!pool) return [...users.values()].find((one) => one.username === username);
  const { rows } = await pool.query({ ...USER_BY_NAME, values: [username] });
  return rows[0];
}

async function allBooks() {
  if (!pool) return books;
  const { rows } = await pool.query(ALL_BOOKS);
  return rows;
}

function hasPassword(user, password) {
  const [, salt, hex] = user.password.split("$");
  return timingSafeEqual(Buffer.from(hex, "hex"), digest(password, salt));
}

function signedIn(context) {
  if (context.user) return context;
  throw new GraphQLError("User is not authenticated", { extensions: { code: "UNAUTHENTICATED" } });
}

async function signFor({ username, password }) {
  const user = await userNamed(username);
  if (!user || !hasPassword(user, password)) {
    throw new GraphQLError("Wrong name or password", { extensions: { code: "UNAUTHENTICATED" } });
  }
  const options = { subject: String(user.id), jwtid: randomUUID(), expiresIn: Number(TOKEN_SECONDS) };
  return jwt.sign({}, secret, options);
}

async function deny(claims) {
  const seconds = claims.exp - Math.floor(Date.now() / 1000);
  if (seconds > 0) await redis.set(keyOf(claims), "1", { EX: seconds });
}

async function serve() {
  const password = encode(PASSWORD, randomUUID());
  users.set("1", { id: "1", username: USERNAME, email: EMAIL, password });
  await redis.connect();
  const server = new ApolloServer({ typeDefs, resolvers });
  await startStandaloneServer(server, {
    context,
    listen: { host: "127.0.0.1", port: Number(PORT) },
  });
}

if (cluster.isPrimary) {
  cluster.on("exit", () => process.exit(1));
  for (let worker = 0; worker < Number(WORKERS); worker += 1) cluster.fork();
} else {
  await serve();
}
