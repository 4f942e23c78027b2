// Bodies that are made piece by piece while the client reads them.
#include <gtest/gtest.h>

#include "http/transport/test_server.h"

namespace vestibule::http {
namespace {

std::string pieces(std::size_t count) {
  std::string body = "begin ";
  for (std::size_t i = 0; i < count; ++i) body += kPiece;
  return body;
}

/// More than the kernel takes for a client with a small buffer that does not read.
constexpr std::size_t kMany = 300'000;

TEST(Streaming, ArrivesWholeAndTheConnectionGoesOn) {
  TestServer server;
  auto client = server.connect();
  for (const char* path : {"/pieces/", "/inline-pieces/"}) {
    for (const std::size_t count : {0U, 1U, 2U, 1'000U}) {
      ASSERT_TRUE(client.send(get(path + std::to_string(count)) + get("/id/after")));
      const auto answer = client.receive();
      ASSERT_TRUE(answer.has_value()) << path << count;
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->header("Transfer-Encoding"), "chunked");
      EXPECT_FALSE(answer->header("Content-Length").has_value());
      EXPECT_EQ(answer->body, pieces(count));
      EXPECT_EQ(client.receive()->body, "id=after");
    }
  }
}

TEST(Streaming, HeadHasNoBodyAndTheConnectionGoesOn) {
  TestServer server;
  auto client = server.connect();
  ASSERT_TRUE(client.send("HEAD /pieces/5 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/id/after")));
  const auto answer = client.receive(true);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_FALSE(answer->header("Content-Length").has_value());
  EXPECT_EQ(client.receive()->body, "id=after");
}

TEST(Streaming, OldClientsGetItWithoutChunksUpToTheEndOfTheConnection) {
  TestServer server;
  auto client = server.connect();
  ASSERT_TRUE(client.send("GET /pieces/3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  const auto all = client.readAll();
  EXPECT_EQ(all.find("Transfer-Encoding"), all.npos);
  EXPECT_NE(all.find("\r\nConnection: close\r\n"), all.npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n" + pieces(3))) << all;
}

TEST(Streaming, CutsTheConnectionWhenTheRestCannotBeMade) {
  TestServer server;
  for (const char* path : {"/broken-after/0", "/broken-after/2", "/throw-later"}) {
    auto client = server.connect();
    ASSERT_TRUE(client.send(get(path)));
    EXPECT_FALSE(client.receive().has_value()) << path << " looks complete";
    EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
  }
  EXPECT_EQ(server->counts().answering, 0U);
  EXPECT_EQ(statusOf(server, get("/id/1")), 200);
}

TEST(Streaming, SlowReaderHoldsNeitherAWorkerNorMemory) {
  TestServer server({.timeouts = {.write = milliseconds(60'000)}}, {.workers = 1});
  test::RawClient slow(server.port(), 4096);
  ASSERT_TRUE(slow.send(get("/pieces/" + std::to_string(kMany)) + get("/id/after")));
  ASSERT_TRUE(eventually([&] {
    return server.queue().counts().running == 0 && server->counts().answering == 1 &&
           server.queue().counts().waiting == 0;
  }));
  EXPECT_EQ(statusOf(server, get("/id/1")), 200) << "the only worker waits for the slow reader";
  EXPECT_LT(server->counts().held, 64U * 1024U);
  const auto answer = slow.receive(false, std::chrono::seconds(60));
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->body == pieces(kMany));
  EXPECT_EQ(slow.receive()->body, "id=after");
}

TEST(Streaming, WhoDoesNotReadIsCutOff) {
  TestServer server({.timeouts = {.write = milliseconds(200)}});
  test::RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get("/pieces/" + std::to_string(kMany))));
  ASSERT_TRUE(eventually([&] { return server->counts().answering == 1; }));
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
  EXPECT_LT(client.readAll().size(), kMany * kPiece.size());
}

TEST(Streaming, WhoHangsUpLeavesNothingBehind) {
  TestServer server;
  for (int i = 0; i < 20; ++i) {
    test::RawClient client(server.port(), 4096);
    ASSERT_TRUE(client.send(get("/pieces/" + std::to_string(kMany))));
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

TEST(Streaming, DrainFinishesIt) {
  TestServer server;
  test::RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get("/pieces/" + std::to_string(kMany))));
  ASSERT_TRUE(eventually([&] { return server->counts().answering == 1; }));
  server->beginDrain();
  const auto answer = client.receive(false, std::chrono::seconds(60));
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->body == pieces(kMany));
  EXPECT_TRUE(server->awaitDrained(std::chrono::steady_clock::now() + std::chrono::seconds(10)));
}

TEST(Streaming, StopEndsItAtOnce) {
  TestServer server({.timeouts = {.write = milliseconds(60'000)}});
  test::RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get("/pieces/" + std::to_string(kMany))));
  ASSERT_TRUE(eventually([&] { return server->counts().answering == 1; }));
  server->stop();
  EXPECT_FALSE(client.receive().has_value());
}

}  // namespace
}  // namespace vestibule::http
