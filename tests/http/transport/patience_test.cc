// Clients that are slow, silent or many, and a server that has too much to do.

#include <sys/resource.h>
#include <time.h>

#include <vector>

#include "base/log.h"
#include "base/log_events.h"
#include "http/transport/test_server.h"

namespace vestibule::http {
namespace {

/// Sends one byte after the other, until the server answers. Nothing when it does not within ten
/// seconds.
std::optional<test::RawAnswer> trickle(test::RawClient& client, std::string_view bytes) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    if (!bytes.empty()) {
      (void)client.send(bytes.substr(0, 1));
      bytes.remove_prefix(1);
    }
    if (auto answer = client.receive(false, milliseconds(20))) return answer;
  }
  return std::nullopt;
}

TEST(SlowClient, WhoSendsItsHeaderByteByByteIsToldSo) {
  TestServer server({.timeouts = {.header = milliseconds(200)}});
  auto client = server.connect();
  const auto answer = trickle(client, get("/" + std::string(1000, 'a')));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closedByServer());
}

TEST(SlowClient, WhoSendsItsBodyByteByByteIsToldSo) {
  TestServer server({.timeouts = {.header = milliseconds(60'000), .body = milliseconds(200)}});
  auto client = server.connect();
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"));
  const auto answer = trickle(client, std::string(999, 'b'));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(client.closedByServer());
}

TEST(SlowClient, SecondRequestHasItsOwnClock) {
  TestServer server({.timeouts = {.header = milliseconds(300)}});
  auto client = server.connect();
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(client.send("GET /id/1 HT"));
    EXPECT_FALSE(client.receive(false, milliseconds(120)).has_value());
    ASSERT_TRUE(client.send("TP/1.1\r\nHost: a\r\n\r\n"));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
  }
}

TEST(SlowClient, DoesNotTouchOthers) {
  TestServer server({.io_threads = 1, .timeouts = {.header = milliseconds(400)}});
  std::vector<test::RawClient> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(server.connect());
    ASSERT_TRUE(slow.back().send("GET /id/"));
  }
  auto client = server.connect();
  const auto end = std::chrono::steady_clock::now() + milliseconds(600);
  int answers = 0;
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_TRUE(client.send(get("/id/1")));
    ASSERT_TRUE(client.receive().has_value());
    ++answers;
  }
  EXPECT_GT(answers, 50);
  for (auto& one : slow) {
    const auto answer = one.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 408);
  }
}

TEST(IdleClient, IsClosedWithoutAWord) {
  TestServer server({.timeouts = {.idle = milliseconds(200)}});
  auto fresh = server.connect();
  auto used = server.connect();
  ASSERT_TRUE(used.send(get("/id/1")));
  ASSERT_TRUE(used.receive().has_value());
  EXPECT_EQ(fresh.readAll(), "");
  EXPECT_EQ(used.readAll(), "");
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
}

/// The processor time of the whole process so far.
milliseconds processorTime() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

/// What the process uses in half a second in which nobody asks for anything.
milliseconds processorTimeAtRest() {
  const auto before = processorTime();
  std::this_thread::sleep_for(milliseconds(500));
  return processorTime() - before;
}

/// More than the kernel takes for a client with a small buffer that does not read.
constexpr const char* kLarge = "/large/12000000";

TEST(SlowReader, NeitherTouchesOthersNorKeepsTheServerBusy) {
  TestServer server({.io_threads = 1, .timeouts = {.write = milliseconds(60'000)}});
  std::vector<std::unique_ptr<test::RawClient>> readers;
  for (int i = 0; i < 5; ++i) {
    readers.push_back(std::make_unique<test::RawClient>(server.port(), 4096));
    ASSERT_TRUE(readers.back()->send(get(kLarge)));
  }
  ASSERT_TRUE(eventually([&] { return server.queue().counts().accepted == 5; }));
  ASSERT_TRUE(eventually([&] { return server.queue().counts().running == 0; }));
  auto client = server.connect();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.send(get("/id/1")));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value()) << "no answer while others do not read";
  }
  EXPECT_TRUE(eventually([&] { return server->counts().answering == 5; }));
  EXPECT_LT(processorTimeAtRest(), milliseconds(250)) << "the server spins";
}

TEST(SlowReader, IsCutOff) {
  TestServer server({.timeouts = {.write = milliseconds(200)}});
  test::RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get(kLarge)));
  ASSERT_TRUE(eventually([&] { return server.queue().counts().accepted == 1; }));
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
  EXPECT_LT(client.readAll().size(), 12'000'000U);
}

TEST(SlowReader, WhoReadsSteadilyIsNotCutOffHoweverLongItTakes) {
  TestServer server({.timeouts = {.write = milliseconds(400)}});
  test::RawClient client(server.port(), 256 * 1024);
  ASSERT_TRUE(client.send(get(kLarge)));
  const auto begin = std::chrono::steady_clock::now();
  std::string buffer(1 << 20, '\0');
  std::size_t received = 0;
  while (received < 12'000'000) {
    const auto wanted = std::min(buffer.size(), 12'000'000 - received);
    const auto size = ::recv(client.fd(), buffer.data(), wanted, MSG_WAITALL);
    ASSERT_GT(size, 0) << "cut off after " << received << " bytes";
    received += static_cast<std::size_t>(size);
    std::this_thread::sleep_for(milliseconds(100));  // the slowness under test
  }
  EXPECT_GT(std::chrono::steady_clock::now() - begin, milliseconds(800));
}

TEST(SlowReader, WhoDoesReadGetsEverythingAndGoesOn) {
  TestServer server;
  test::RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get("/large/5000000") + get("/id/after")));
  ASSERT_TRUE(eventually([&] { return server.queue().counts().accepted >= 1; }));
  const auto large = client.receive();
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->body, std::string(5'000'000, 'x'));
  EXPECT_EQ(client.receive()->body, "id=after");
}

TEST(SlowReader, WhoHangsUpLeavesNothingBehind) {
  TestServer server;
  for (int i = 0; i < 20; ++i) {
    test::RawClient client(server.port(), 4096);
    ASSERT_TRUE(client.send(get(kLarge)));
    ASSERT_TRUE(eventually([&] { return server->counts().answering > 0; }));
    if (i % 2 == 0) {
      client.reset();
    } else {
      client.close();
    }
    EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
  }
  EXPECT_EQ(server->counts().answering, 0U);
}

TEST(ManyClients, ThousandsOfIdleOnesAreFine) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  // Three descriptors a connection: the client's, Pistache's and ours.
  const auto count = std::min<std::size_t>(5000, (limit.rlim_cur - 100) / 3);
  RecordProperty("connections", static_cast<int>(count));
  TestServer server({.max_connections = count + 1});
  std::vector<test::RawClient> idle;
  idle.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    idle.push_back(server.connect());
    ASSERT_TRUE(idle.back().connected()) << i;
  }
  ASSERT_TRUE(eventually([&] { return server->counts().connections == count; }));
  EXPECT_EQ(statusOf(server, get("/id/1")), 200);
  for (auto& client : idle) ASSERT_TRUE(client.send(get("/id/1")));
  std::size_t served = 0;
  for (auto& client : idle) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->status == 200 || answer->status == 503) << answer->status;
    if (answer->status == 200) ++served;
  }
  EXPECT_GE(served, server.queue().counts().accepted - 1) << "whoever was accepted is served";
  EXPECT_GT(served, 4U);
  idle.clear();
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
}

TEST(ManyClients, BeyondTheCapAreTurnedAwayAtOnce) {
  TestServer server({.max_connections = 2});
  auto first = server.connect();
  auto second = std::make_unique<test::RawClient>(server.port());
  ASSERT_TRUE(eventually([&] { return server->counts().connections == 2; }));
  auto third = server.connect();
  const auto refused = third.receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(refused->header("Retry-After").has_value());
  EXPECT_EQ(refused->body, "refused: too many connections are open");
  EXPECT_EQ(refused->header("Content-Type"), "text/plain");
  EXPECT_EQ(refused->header("Date"), std::nullopt) << "made long before";
  EXPECT_TRUE(third.closedByServer());
  EXPECT_EQ(server->counts().turned_away, 1U);
  ASSERT_TRUE(first.send(get("/id/1")));
  EXPECT_EQ(first.receive()->status, 200);
  second.reset();
  EXPECT_TRUE(eventually([&] { return statusOf(server, get("/id/1")) == 200; }));
}

/// True when the next descriptor of this process is refused.
bool outOfDescriptors() {
  const int fd = ::dup(0);
  if (fd >= 0) ::close(fd);
  return fd < 0 && errno == EMFILE;
}

TEST(ManyClients, ThatUseUpAllDescriptorsNeitherStopNorSpinTheServer) {
  // The undefined behaviour sanitizer looks at the type of a logger, and of a connection whose time
  // is looked at, the first time only, and by a pipe, for which there is no descriptor below.
  logEvent(events::kServerSocketsLeft);
  {
    TestServer before({.timeouts = {.body = milliseconds(50)}});
    auto late = before.connect();
    ASSERT_TRUE(late.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"));
    ASSERT_EQ(late.receive()->status, 408);
  }
  TestServer server;
  auto early = server.connect();
  ASSERT_TRUE(eventually([&] { return server->counts().connections == 1; }));
  // Clients whose sockets are there already, so that none of them fails for want of a descriptor.
  std::vector<int> sockets;
  for (int i = 0; i < 12; ++i) {
    sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_GE(sockets.back(), 0);
  }
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next_fd = ::dup(0);
  ASSERT_GE(next_fd, 0);
  ::close(next_fd);
  // Room for two connections: the others find not even the descriptor to be turned away with.
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next_fd) + 4;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  std::vector<test::RawClient> clients;
  for (const int socket : sockets) clients.emplace_back(server.port(), test::OpenSocket{socket});
  EXPECT_TRUE(eventually(outOfDescriptors)) << "the server must have met the limit";
  EXPECT_LT(processorTimeAtRest(), milliseconds(250)) << "the server spins";
  EXPECT_TRUE(outOfDescriptors());
  ASSERT_TRUE(early.send(get("/id/1")));
  EXPECT_EQ(early.receive()->status, 200) << "an open connection still works";
  EXPECT_EQ(server->counts().accepted, 3U) << "the others wait in the kernel";
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  int served = 0;
  for (auto& client : clients) {
    ASSERT_TRUE(client.connected());
    (void)client.send(get("/id/1"));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200) << "who had to wait is served in the end";
    ++served;
  }
  EXPECT_EQ(served, 12);
}

TEST(FullQueue, RefusesAtOnceAndKeepsTheConnection) {
  TestServer server({}, {.workers = 1, .capacity = 1});
  auto running = server.connect();
  ASSERT_TRUE(running.send(get("/gate")));
  server.gate.waitForFirst();
  auto waiting = server.connect();
  ASSERT_TRUE(waiting.send(get("/id/waiting")));
  ASSERT_TRUE(eventually([&] { return server.queue().counts().waiting == 1; }));
  auto refused = server.connect();
  ASSERT_TRUE(refused.send(get("/id/1")));
  const auto busy = refused.receive();
  ASSERT_TRUE(busy.has_value());
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->header("Retry-After"), "1");
  EXPECT_EQ(busy->body, "refused: the server is busy");
  // What needs no worker is answered all the same.
  ASSERT_TRUE(refused.send(get("/inline/alive")));
  EXPECT_EQ(refused.receive()->body, "id=alive");
  server.gate.open();
  EXPECT_EQ(running.receive()->body, "passed");
  EXPECT_EQ(waiting.receive()->body, "id=waiting");
}

TEST(FullQueue, RequestsThatWaitedTooLongAreDropped) {
  TestServer server({}, {.workers = 1, .max_age = milliseconds(30)});
  auto running = server.connect();
  ASSERT_TRUE(running.send(get("/gate")));
  server.gate.waitForFirst();
  auto waiting = server.connect();
  ASSERT_TRUE(waiting.send(get("/id/1")));
  ASSERT_TRUE(eventually([&] { return server.queue().counts().waiting == 1; }));
  std::this_thread::sleep_for(milliseconds(60));  // let the request grow old
  server.gate.open();
  const auto answer = waiting.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(answer->header("Retry-After").has_value());
  EXPECT_EQ(running.receive()->body, "passed") << "what runs is never dropped";
}

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

TEST(Drain, FinishesWhatWasAcceptedAndRefusesTheRest) {
  TestServer server;
  auto accepted = server.connect();
  auto open = server.connect();
  ASSERT_TRUE(open.send(get("/id/1")));
  ASSERT_TRUE(open.receive().has_value());
  ASSERT_TRUE(accepted.send(get("/gate")));
  server.gate.waitForFirst();
  server->beginDrain();
  EXPECT_FALSE(server.connect().connected());
  ASSERT_TRUE(open.send(get("/id/2")));
  const auto refused = open.receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("Connection"), "close");
  EXPECT_TRUE(open.closedByServer());
  EXPECT_FALSE(server->awaitDrained(std::chrono::steady_clock::now()));
  server.gate.open();
  const auto answer = accepted.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "passed");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(server->awaitDrained(soon()));
}

TEST(Drain, RunsWhatWasAcceptedWhereverItWaits) {
  TestServer server({}, {.workers = 1});
  auto running = server.connect();
  ASSERT_TRUE(running.send(get("/gate")));
  server.gate.waitForFirst();
  // More requests that need no worker than are answered where they come in: the rest waits.
  auto waiting = server.connect();
  std::string requests;
  constexpr int kRequests = 1500;
  for (int i = 0; i < kRequests; ++i) requests += get("/inline/" + std::to_string(i));
  ASSERT_TRUE(waiting.send(requests));
  ASSERT_TRUE(eventually([&] { return server.queue().counts().waiting == 1; }));
  server->beginDrain();
  server.gate.open();
  EXPECT_EQ(running.receive()->body, "passed");
  int answered = 0;
  std::optional<test::RawAnswer> last;
  while (auto answer = waiting.receive()) {
    ASSERT_EQ(answer->status, 200);
    ++answered;
    last = answer;
  }
  EXPECT_GT(answered, 100);
  EXPECT_LT(answered, kRequests);
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->header("Connection"), "close");
  EXPECT_TRUE(server->awaitDrained(soon()));
}

TEST(Drain, GivesUpWhenItsTimeIsOver) {
  TestServer server;
  auto client = server.connect();
  ASSERT_TRUE(client.send(get("/gate")));
  server.gate.waitForFirst();
  server->beginDrain();
  EXPECT_FALSE(server->awaitDrained(std::chrono::steady_clock::now() + milliseconds(50)));
  server->stop();
  EXPECT_FALSE(client.receive().has_value());
  server.gate.open();  // the handler ends with nobody to answer
}

TEST(Stop, EndsOpenConnectionsAtOnce) {
  TestServer server;
  auto idle = server.connect();
  auto half = server.connect();
  ASSERT_TRUE(half.send("GET /id"));
  ASSERT_TRUE(eventually([&] { return server->counts().connections == 2; }));
  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_EQ(idle.readAll(), "");
  EXPECT_EQ(half.readAll(), "");
  EXPECT_EQ(server->counts().connections, 0U);
  server->stop();
}

}  // namespace
}  // namespace vestibule::http
