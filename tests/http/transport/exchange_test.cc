// What a well-behaved client sees.

#include "http/transport/test_server.h"

namespace vestibule::http {
namespace {

class TransportTest : public testing::Test {
 protected:
  TestServer server_;
};

TEST_F(TransportTest, AnswersManyRequestsOnOneConnection) {
  auto client = server_.connect();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.send(get("/id/" + std::to_string(i))));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "id=" + std::to_string(i));
    EXPECT_EQ(answer->header("Connection"), std::nullopt);
  }
}

TEST_F(TransportTest, EveryAnswerHasTheCommonFields) {
  auto client = server_.connect();
  for (const auto& request : {get("/id/1"), get("/nowhere"), get("/bad%"), get("/throw")}) {
    ASSERT_TRUE(client.send(request));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->header("Cache-Control"), "no-store");
    EXPECT_EQ(answer->header("X-Content-Type-Options"), "nosniff");
    EXPECT_TRUE(answer->header("Date").has_value());
    EXPECT_EQ(answer->header("Content-Length"), std::to_string(answer->body.size()));
  }
}

TEST_F(TransportTest, PipelinedRequestsAreAnsweredInOrder) {
  auto client = server_.connect();
  std::string requests;
  for (int i = 0; i < 300; ++i) {
    // Some are answered by a worker, some on the I/O thread, some by nobody.
    const char* base = i % 3 == 0 ? "/id/" : i % 3 == 1 ? "/inline/" : "/nowhere/";
    requests += get(base + std::to_string(i));
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 300; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value()) << i;
    if (i % 3 == 2) {
      EXPECT_EQ(answer->status, 404);
    } else {
      EXPECT_EQ(answer->body, "id=" + std::to_string(i));
    }
  }
}

TEST(AnswerAtHand, IsGivenWhileEveryWorkerIsBusyAndWhatIsNotAtHandWaitsForOne) {
  TestServer server({}, {.workers = 1});
  auto busy = server.connect();
  ASSERT_TRUE(busy.send(get("/gate")));
  server.gate.waitForFirst();

  auto waiting = server.connect();
  ASSERT_TRUE(waiting.send(get("/at-hand/other")));
  auto failed = server.connect();
  ASSERT_TRUE(failed.send(get("/at-hand/broken")));
  auto client = server.connect();
  ASSERT_TRUE(client.send(get("/at-hand/kept")));
  const auto kept = client.receive(false, milliseconds(3000));
  EXPECT_TRUE(eventually([&] { return server->counts().requests == 4; }));
  EXPECT_FALSE(waiting.hasInput());
  EXPECT_FALSE(failed.hasInput());
  // Whatever came of it: the server does not stop before.
  server.gate.open();
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->status, 200);
  EXPECT_EQ(kept->body, "at hand");
  for (auto& [later, id] : {std::pair{&waiting, "id=other"}, {&failed, "id=broken"}}) {
    const auto answer = later->receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, id);
  }
}

TEST_F(TransportTest, RequestsArriveInAnyPieces) {
  const auto request = post("/echo?a=b%20c", "the body");
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 8U, 13U}) {
    auto client = server_.connect();
    for (std::string_view rest = request; !rest.empty();) {
      ASSERT_TRUE(client.send(rest.substr(0, piece)));
      rest.remove_prefix(std::min<std::size_t>(rest.size(), piece));
    }
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "POST /echo\na=b c\nhost=a\nthe body");
  }
}

TEST_F(TransportTest, ChunkedBodiesAreJoinedWhereverTheyAreCut) {
  const std::string chunks = "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
  auto client = server_.connect();
  for (std::size_t cut = 0; cut < chunks.size(); ++cut) {
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            chunks.substr(0, cut)));
    ASSERT_TRUE(client.send(chunks.substr(cut)));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value()) << cut;
    EXPECT_EQ(answer->body, "POST /echo\nhost=a\nhello!");
  }
}

TEST_F(TransportTest, HeadHasNoBodyAndTheConnectionGoesOn) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send("HEAD /id/1 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/id/2")));
  const auto head = client.receive(true);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("Content-Length"), "4");
  const auto next = client.receive();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "id=2");
}

TEST_F(TransportTest, NoContentHasNeitherBodyNorLength) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send("DELETE /id/1 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/id/2")));
  const auto deleted = client.receive();
  ASSERT_TRUE(deleted.has_value());
  EXPECT_EQ(deleted->status, 204);
  EXPECT_EQ(deleted->header("Content-Length"), std::nullopt);
  EXPECT_EQ(client.receive()->body, "id=2");
}

TEST_F(TransportTest, ContinueIsSentBeforeTheBodyIsAwaited) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  const auto interim = client.receive();
  ASSERT_TRUE(interim.has_value());
  EXPECT_EQ(interim->status, 100);
  ASSERT_TRUE(client.send("body"));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "POST /echo\nhost=a\nbody");
}

TEST_F(TransportTest, OldClientsAreAnsweredAndClosed) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send("GET /id/1 HTTP/1.0\r\n\r\n"));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "id=1");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closedByServer());
}

TEST_F(TransportTest, OldClientsMayKeepTheConnection) {
  auto client = server_.connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send("GET /id/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->header("Connection"), "keep-alive");
  }
}

TEST_F(TransportTest, ConnectionCloseIsHonoured) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send(get("/id/1", "Connection: close\r\n") + get("/id/2")));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closedByServer()) << "the second request must not be answered";
}

TEST_F(TransportTest, ClientThatStopsSendingStillGetsItsAnswers) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send(get("/gate") + get("/id/2")));
  client.finishSending();
  server_.gate.waitForFirst();
  server_.gate.open();
  const auto first = client.receive();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->body, "passed");
  const auto second = client.receive();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->body, "id=2");
  EXPECT_TRUE(client.closedByServer());
}

TEST_F(TransportTest, AbsoluteTargetReplacesTheHost) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send("GET http://b.example:8080/echo?x=1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "GET /echo\nx=1\nhost=b.example:8080\n");
}

TEST_F(TransportTest, UnknownPathsAndMethodsAreToldApart) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send(get("/nowhere")));
  EXPECT_EQ(client.receive()->status, 404);
  ASSERT_TRUE(client.send("PUT /id/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
  const auto refused = client.receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 405);
  EXPECT_EQ(refused->header("Allow"), "GET, HEAD, DELETE, OPTIONS");
  ASSERT_TRUE(client.send("OPTIONS /id/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  const auto options = client.receive();
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->status, 204);
  EXPECT_EQ(options->header("Allow"), "GET, HEAD, DELETE, OPTIONS");
  ASSERT_TRUE(client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(client.receive()->status, 204);
}

TEST_F(TransportTest, OtherSpellingsOfAPathDoNotReachItsHandler) {
  for (const char* path : {"//id/1", "/id//1", "/./id/1", "/x/../id/1", "/%2e%2e/id/1", "/id%2F1",
                           "/ID/1", "/id/1/2"}) {
    EXPECT_EQ(statusOf(server_, get(path)), 404) << path;
  }
  EXPECT_EQ(statusOf(server_, get("/id/1/")), 200);
  EXPECT_EQ(statusOf(server_, get("/id/%00")), 400);
}

TEST_F(TransportTest, WhateverAHandlerThrowsIsAnInternalError) {
  auto client = server_.connect();
  for (const char* path : {"/throw", "/throw-number"}) {
    ASSERT_TRUE(client.send(get(path)));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body, "refused: internal error");
  }
}

TEST_F(TransportTest, HandlersCannotInjectHeaders) {
  auto client = server_.connect();
  ASSERT_TRUE(client.send(get("/headers") + get("/id/2")));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header("Set-Cookie"), std::nullopt);
  EXPECT_EQ(answer->header("Content-Length"), "4");
  EXPECT_EQ(answer->body, "body");
  EXPECT_EQ(client.receive()->body, "id=2");
}

TEST_F(TransportTest, BodyLimitIsThatOfTheRoute) {
  const std::string large(std::size_t{2} << 20U, 'b');
  auto client = server_.connect();
  ASSERT_TRUE(client.send(post("/bulk", large)));
  const auto accepted = client.receive();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(accepted->status, 200);
  EXPECT_EQ(accepted->body.size(), large.size() + std::string("POST /bulk\nhost=a\n").size());

  auto other = server_.connect();
  (void)other.send(post("/echo", large));
  const auto refused = other.receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 413);
  EXPECT_TRUE(other.closedByServer());
}

TEST_F(TransportTest, LargeAnswersArriveWhole) {
  auto client = server_.connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(get("/large/20000000") + get("/id/after")));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body.size(), 20'000'000U);
    EXPECT_EQ(client.receive()->body, "id=after");
  }
}

TEST_F(TransportTest, CountsConnectionsAndRequests) {
  {
    auto client = server_.connect();
    ASSERT_TRUE(client.send(get("/id/1") + get("/id/2")));
    ASSERT_TRUE(client.receive().has_value());
    ASSERT_TRUE(client.receive().has_value());
    const auto counts = server_->counts();
    EXPECT_EQ(counts.connections, 1U);
    EXPECT_EQ(counts.accepted, 1U);
    EXPECT_EQ(counts.requests, 2U);
  }
  EXPECT_TRUE(eventually([&] { return server_->counts().connections == 0; }));
}

TEST(TransportStart, TellsWhyItCannotListen) {
  WorkQueue queue({.workers = 1});
  Gate gate;
  Server first({}, testRoutes(gate), renderError, queue);
  ASSERT_TRUE(first.start().has_value());
  Server second({.port = first.port()}, testRoutes(gate), renderError, queue);
  const auto taken = second.start();
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(taken.error().detail.find("in use"), std::string::npos) << taken.error().detail;
  Server third({.address = "example.org"}, testRoutes(gate), renderError, queue);
  const auto bad = third.start();
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().kind, ErrorKind::kInvalidValue);
}

TEST(TransportStart, ListensOnIpv6WithAndWithoutBrackets) {
  WorkQueue queue({.workers = 1});
  Gate gate;
  for (const char* address : {"::", "[::]", "localhost", "0.0.0.0"}) {
    Server server({.address = address}, testRoutes(gate), renderError, queue);
    const auto started = server.start();
    if (!started && started.error().detail.find("Address family") != std::string::npos) {
      continue;  // a machine without IPv6
    }
    ASSERT_TRUE(started.has_value()) << address << ": " << started.error().detail;
    test::RawClient client(server.port());
    ASSERT_TRUE(client.send(get("/id/1"))) << address;
    EXPECT_EQ(client.receive()->status, 200) << address;
  }
}

TEST(TransportStart, TwoServersShareOneQueue) {
  WorkQueue queue({.workers = 2});
  Gate gate;
  Server one({}, testRoutes(gate), renderError, queue);
  Server two({}, testRoutes(gate), renderError, queue);
  ASSERT_TRUE(one.start().has_value());
  ASSERT_TRUE(two.start().has_value());
  for (const auto* server : {&one, &two}) {
    test::RawClient client(server->port());
    ASSERT_TRUE(client.send(get("/id/1")));
    EXPECT_EQ(client.receive()->body, "id=1");
  }
  EXPECT_EQ(queue.counts().accepted, 2U);
}

}  // namespace
}  // namespace vestibule::http
