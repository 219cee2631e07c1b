-- Sends requests of one kind, compares every answer with the right one, and prints what it found as
-- one line of JSON.
--
-- Tokens come from a pool of pairs; in what is sent, `<access>` and `<refresh>` stand for them, and in
-- what is expected `<token>` stands for any. LOAD_USE says what becomes of a pair that was sent:
--   kept: it is sent again when its turn comes;
--   renewed: the tokens in the answer take its place;
--   spent: it is gone;
--   none: there is no pool.

local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int process, int signal);")
local INTERRUPT = 2
local TOKEN = "eyJ[%w_-]*%.[%w_-]+%.[%w_-]+"

local use, expected = os.getenv("LOAD_USE"), os.getenv("LOAD_EXPECTED")
local authorization, content = os.getenv("LOAD_AUTHORIZATION"), os.getenv("LOAD_BODY")
local most = tonumber(os.getenv("LOAD_REQUESTS")) or math.huge
local is_bringing = expected:find("<token>", 1, true) ~= nil
local brought = io.open(os.getenv("LOAD_BROUGHT"), "w")
local pool, first, last, nobody = {}, 1, 0, {}
local sent, answered, is_looked_at = 0, 0, false
local threads = {}

local function add(access, refresh)
   last = last + 1
   pool[last] = { access = access, refresh = refresh }
end

local function taken()
   if use == "none" then return nobody end
   local pair = pool[first]
   if use == "kept" then
      first = first % last + 1
   elseif pair then
      pool[first] = nil
      first = first + 1
   end
   return pair
end

local function text_of(pair)
   if pair.text then return pair.text end
   local headers = {
      ["Accept"] = os.getenv("LOAD_ACCEPT"),
      ["Content-Type"] = "application/json",
      ["Host"] = wrk.headers["Host"],
   }
   if authorization ~= "" then headers["Authorization"] = authorization:gsub("<(%a+)>", pair) end
   pair.text = wrk.format("POST", wrk.path, headers, (content:gsub("<(%a+)>", pair)))
   return pair.text
end

function setup(thread)
   table.insert(threads, thread)
end

function init()
   wrong, sample = 0, ""
   for line in io.lines(os.getenv("LOAD_TOKENS")) do add(line:match("(%S+) (%S+)")) end
end

function request()
   if not is_looked_at then
      -- wrk looks into one request beforehand, and sends it to nobody.
      is_looked_at = true
      return text_of(pool[first] or nobody)
   end
   local pair = sent < most and taken()
   -- Nothing is sent, so that this connection waits until the others are done.
   if not pair then return "" end
   sent = sent + 1
   return text_of(pair)
end

function response(status, headers, body)
   local seen, found = body, {}
   if is_bringing then
      seen = body:gsub(TOKEN, function(token) table.insert(found, token); return "<token>" end)
   end
   answered = answered + 1
   if status ~= 200 or seen ~= expected then
      wrong = wrong + 1
      sample = status .. " " .. body:sub(1, 500)
   elseif is_bringing then
      -- Where one token serves for both, it is both.
      local access, refresh = found[1], found[#found]
      if use == "renewed" then add(access, refresh) end
      brought:write(access, " ", refresh, "\n")
   end
   if answered == sent and (sent == most or use ~= "none" and not pool[first]) then
      -- At once, and as Ctrl-C does: wrk tells what there was so far.
      wrk.thread:stop()
      ffi.C.kill(ffi.C.getpid(), INTERRUPT)
   end
end

local function quoted(text)
   return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

function done(summary, latency)
   local wrong, sample = 0, ""
   for _, thread in ipairs(threads) do
      wrong = wrong + thread:get("wrong")
      sample = thread:get("sample")
   end
   local broken = summary.errors
   io.write(("\n{\"requests\": %d, \"microseconds\": %d, \"p50\": %d, \"p99\": %d, "):format(
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99)))
   io.write(("\"wrong\": %d, \"broken\": %d, \"sample\": %s}\n"):format(
      wrong, broken.connect + broken.read + broken.write + broken.timeout, quoted(sample)))
end
