// Clients that send what they must not.

#include <cstdlib>

#include "http/transport/test_server.h"
#include "support/hostile_requests.h"
#include "support/request_mutator.h"

namespace vestibule::http {
namespace {

TEST(HostileRequests, AreAnsweredAsTheTableSays) {
  TestServer server;
  for (const auto& request : test::hostileRequests(200)) {
    SCOPED_TRACE(request.name);
    auto client = server.connect();
    (void)client.send(request.bytes);
    if (request.status == 0) {
      client.finishSending();
      EXPECT_EQ(client.readAll(), "") << "an incomplete request must not be answered";
      continue;
    }
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, request.status);
    if (request.closed) {
      EXPECT_EQ(answer->header("Connection"), "close");
      EXPECT_TRUE(client.closedByServer());
    } else {
      ASSERT_TRUE(client.send(get("/id/next")));
      const auto next = client.receive();
      ASSERT_TRUE(next.has_value());
      EXPECT_EQ(next->body, "id=next");
    }
  }
}

TEST(HostileRequests, WhatFollowsARefusedRequestIsNeverAnswered) {
  TestServer server;
  for (const auto& request : test::hostileRequests(200)) {
    if (request.status < 400) continue;
    SCOPED_TRACE(request.name);
    auto client = server.connect();
    (void)client.send(request.bytes + get("/id/smuggled"));
    const auto all = client.readAll();
    EXPECT_EQ(all.find("smuggled"), std::string::npos);
    EXPECT_EQ(all.find("HTTP/1.1 ", 9), std::string::npos) << "a second answer";
  }
}

TEST(HostileRequests, ThousandsOfSlashesDoNoHarm) {
  TestServer server({.limits = {.request_line = 100'000}});
  EXPECT_EQ(statusOf(server, get(std::string(60'000, '/'))), 404);
  EXPECT_EQ(statusOf(server, get("/id/1")), 200);
}

TEST(HostileRequests, MutatedRequestsLeaveTheServerWell) {
  const char* wanted = std::getenv("VESTIBULE_FUZZ_REQUESTS");
  const auto count = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 2'000;
  TestServer server({.timeouts = {.header = milliseconds(500), .body = milliseconds(500)}});
  test::RequestMutator mutator(1981);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto bytes = mutator.next();
    auto client = server.connect();
    const auto piece = mutator.below(3) == 0 ? 1 + mutator.below(12) : bytes.size();
    for (std::string_view rest = bytes; !rest.empty();) {
      if (!client.send(rest.substr(0, piece))) break;
      rest.remove_prefix(std::min(rest.size(), piece));
    }
    switch (mutator.below(4)) {
      case 0:
        client.reset();
        break;
      case 1:
        client.finishSending();
        [[fallthrough]];
      case 2:
        (void)client.receive(false, milliseconds(1));
        break;
      default:
        break;
    }
    if (i % 500 == 499) {
      ASSERT_EQ(statusOf(server, get("/id/1")), 200) << "after request " << i;
    }
  }
  EXPECT_EQ(statusOf(server, get("/id/1")), 200);
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }))
      << server->counts().connections << " connections are left";
  EXPECT_EQ(server->counts().answering, 0U);
}

/// Sends pipelined requests as fast as it can, and reads the answers as fast as they come. Connects
/// again when it is cut off.
void flood(const TestServer& server, const std::atomic<bool>& stop) {
  std::string requests;
  while (requests.size() < 100'000) requests += get("/inline/x") + get("/nowhere");
  while (!stop) {
    auto client = server.connect();
    std::thread reader([&client] {
      char buffer[65536];
      while (::recv(client.fd(), buffer, sizeof buffer, 0) > 0) {
      }
    });
    while (!stop && client.send(requests)) {
    }
    ::shutdown(client.fd(), SHUT_RDWR);
    reader.join();
  }
}

TEST(Flood, OfPipelinedRequestsDoesNotStarveOthers) {
  TestServer server({.io_threads = 1});
  std::atomic<bool> stop{false};
  std::vector<std::thread> flooders;
  for (int i = 0; i < 4; ++i) flooders.emplace_back([&] { flood(server, stop); });
  for (int i = 0; i < 10; ++i) {
    auto client = server.connect();
    ASSERT_TRUE(client.send(get("/inline/" + std::to_string(i))));
    const auto answer = client.receive(false, milliseconds(3000));
    EXPECT_TRUE(answer.has_value()) << "no answer while others flood";
    if (answer) {
      EXPECT_EQ(answer->status, 200);
    }
  }
  stop = true;
  for (auto& flooder : flooders) flooder.join();
}

/// Sends bodies of one-byte chunks without a pause. Connects again when it is cut off.
void floodBodies(const TestServer& server, const std::string& target,
                 const std::atomic<bool>& stop) {
  std::string chunks;
  while (chunks.size() < 600'000) chunks += "1\r\na\r\n";
  const auto header =
      "POST " + target + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  while (!stop) {
    auto client = server.connect();
    std::thread reader([&client] {
      char buffer[65536];
      while (::recv(client.fd(), buffer, sizeof buffer, 0) > 0) {
      }
    });
    while (!stop && client.send(header) && client.send(chunks) && client.send("0\r\n\r\n")) {
    }
    ::shutdown(client.fd(), SHUT_RDWR);
    reader.join();
  }
}

TEST(Flood, OfBodiesDoesNotStarveOthers) {
  for (const char* target : {"/nowhere", "/bulk"}) {
    SCOPED_TRACE(target);
    TestServer server({.io_threads = 1});
    std::atomic<bool> stop{false};
    std::vector<std::thread> flooders;
    for (int i = 0; i < 3; ++i) flooders.emplace_back([&] { floodBodies(server, target, stop); });
    ASSERT_TRUE(eventually([&] { return server->counts().accepted >= 3; }));
    for (int i = 0; i < 10; ++i) {
      auto client = server.connect();
      ASSERT_TRUE(client.send(get("/inline/" + std::to_string(i))));
      const auto answer = client.receive(false, milliseconds(3000));
      EXPECT_TRUE(answer.has_value()) << "no answer while others flood";
      if (answer) {
        EXPECT_EQ(answer->status, 200);
      }
    }
    stop = true;
    for (auto& flooder : flooders) flooder.join();
  }
}

TEST(Flood, OfOneBodyThatKeepsAThreadBusyIsRefused) {
  TestServer server({.limits = {.body = 64UL << 20}});
  std::string chunks;
  while (chunks.size() < 600'000) chunks += "1\r\na\r\n";
  auto client = server.connect();
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
  // Who goes on for long behind the answer is cut off, and the answer with it.
  for (int i = 0; i < 600 && !client.hasInput() && client.send(chunks); ++i) {
  }
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(answer->header("Retry-After").has_value());
  EXPECT_EQ(statusOf(server, get("/id/1")), 200);
}

TEST(UnreadBody, OfARequestNobodyTakesIsRefusedAtItsHeader) {
  TestServer server;
  for (const auto& [target, status] : {std::pair{"/nowhere", 404}, {"/id/1", 405}, {"/%zz", 400}}) {
    SCOPED_TRACE(target);
    auto client = server.connect();
    ASSERT_TRUE(client.send("POST " + std::string(target) +
                            " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                            "Content-Length: 1000000\r\n\r\n"));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_EQ(answer->header("Allow").has_value(), status == 405);
    EXPECT_TRUE(client.closedByServer());
  }
}

TEST(Flood, BehindAWaitingRequestEndsTheConnectionAfterItsAnswer) {
  TestServer server;
  auto client = server.connect();
  ASSERT_TRUE(client.send(get("/gate")));
  server.gate.waitForFirst();
  std::string requests;
  while (requests.size() < 200'000) requests += get("/id/x");
  ASSERT_TRUE(client.send(requests));
  // The backlog overflows before the gate opens: the bytes are in the server once it has read them
  // all.
  EXPECT_EQ(statusOf(server, get("/inline/other")), 200);
  std::this_thread::sleep_for(milliseconds(100));
  server.gate.open();
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "passed");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closedByServer());
}

TEST(Flood, OfBytesNobodyReadsIsCutOff) {
  TestServer server;
  auto client = server.connect();
  ASSERT_TRUE(client.send("F(O / HTTP/1.1\r\n\r\n"));
  const std::string junk(1 << 20, 'j');
  int sent = 0;
  while (sent < 100 && client.send(junk)) ++sent;
  EXPECT_LT(sent, 100);
}

TEST(Memory, OfUnansweredRequestsIsBounded) {
  TestServer server({.max_held = 100'000});
  auto holder = server.connect();
  ASSERT_TRUE(holder.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" +
                          std::string(89'000, 'b')));
  ASSERT_TRUE(eventually([&] { return server->counts().held >= 89'000; }));
  auto other = server.connect();
  ASSERT_TRUE(other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" +
                         std::string(50'000, 'b')));
  const auto refused = other.receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(refused->header("Retry-After").has_value());
  EXPECT_TRUE(other.closedByServer());
  ASSERT_TRUE(holder.send(std::string(1000, 'b')));
  EXPECT_EQ(holder.receive()->status, 200);
  EXPECT_TRUE(eventually([&] { return server->counts().held == 0; }));
  EXPECT_EQ(statusOf(server, post("/echo", std::string(90'000, 'b'))), 200);
}

TEST(Memory, OfAnswersNobodyReadsIsBounded) {
  TestServer server({.max_held = 20'000'000, .timeouts = {.write = milliseconds(60'000)}});
  test::RawClient first(server.port(), 4096);
  ASSERT_TRUE(first.send(get("/large/12000000")));
  ASSERT_TRUE(eventually([&] { return server->counts().held >= 12'000'000; }))
      << "an answer that waits is memory too";
  test::RawClient second(server.port(), 4096);
  ASSERT_TRUE(second.send(get("/large/12000000")));
  // Before the second has been taken there is one as well.
  ASSERT_TRUE(eventually([&] { return server->counts().accepted == 2; }));
  EXPECT_TRUE(eventually([&] { return second.hasInput() && server->counts().connections == 1; }))
      << "there is no room for a second one";
  EXPECT_EQ(statusOf(server, get("/id/1")), 200);
  first.reset();
  EXPECT_TRUE(eventually([&] { return server->counts().held == 0; }));
}

}  // namespace
}  // namespace vestibule::http
