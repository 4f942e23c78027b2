#include "http/framing.h"

#include <gtest/gtest.h>

#include "support/hostile_requests.h"

namespace vestibule::http {
namespace {

using Progress = Framer::Progress;

/// What became of a stream of bytes.
struct Outcome {
  std::vector<FramedRequest> requests;
  int refused = 0;  ///< the status of the refusal, 0 for none
};

void drain(Framer& framer, Outcome& outcome) {
  for (;;) {
    switch (framer.next()) {
      case Progress::kNeedMore:
        return;
      case Progress::kRefused:
        outcome.refused = framer.refusal().status;
        return;
      case Progress::kComplete:
        outcome.requests.push_back(framer.take());
        break;
    }
  }
}

Outcome frame(std::string_view bytes, std::size_t piece = std::string::npos,
              const FramingLimits& limits = {}) {
  Framer framer(limits);
  Outcome outcome;
  while (!bytes.empty() && outcome.refused == 0) {
    framer.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(bytes.size(), piece));
    drain(framer, outcome);
  }
  return outcome;
}

class HostileFraming : public testing::TestWithParam<test::HostileRequest> {};

TEST_P(HostileFraming, IsRefusedOrUnderstoodHoweverItArrives) {
  const auto& request = GetParam();
  for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{7}}) {
    SCOPED_TRACE(piece);
    const auto outcome = frame(request.bytes, piece);
    if (request.status == 200) {
      EXPECT_EQ(outcome.refused, 0);
      ASSERT_EQ(outcome.requests.size(), 1U);
      EXPECT_EQ(outcome.requests[0].keep_alive, !request.closed);
    } else {
      EXPECT_EQ(outcome.refused, request.status);
      EXPECT_TRUE(outcome.requests.empty());
    }
  }
}

std::string nameOf(const testing::TestParamInfo<test::HostileRequest>& row) {
  std::string name;
  for (const char c : row.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Table, HostileFraming, testing::ValuesIn(test::hostileRequests(200)),
                         nameOf);

TEST(Framing, GivesTheRequestAsItWasSent) {
  const auto outcome = frame(
      "POST /scim/v2/Users?a=%20b HTTP/1.1\r\nHost: a:1\r\nX-One:  1 \r\nx-one: 2\r\n"
      "Content-Length: 4\r\n\r\n{\r\n}");
  ASSERT_EQ(outcome.requests.size(), 1U);
  const auto& framed = outcome.requests[0];
  EXPECT_EQ(framed.request.method, Method::kPost);
  EXPECT_EQ(framed.target, "/scim/v2/Users?a=%20b");
  EXPECT_EQ(framed.request.body, "{\r\n}");
  EXPECT_EQ(framed.request.headers.joined("X-One"), "1, 2");
  EXPECT_TRUE(framed.keep_alive);
  EXPECT_FALSE(framed.http10);
}

TEST(Framing, JoinsChunksWhereverTheStreamIsCut) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n1\r\n!\r\n0\r\nAuthorization: Bearer trailer\r\n\r\n"
      "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    SCOPED_TRACE(cut);
    Framer framer({});
    Outcome outcome;
    for (const auto part :
         {std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)}) {
      framer.append(part);
      drain(framer, outcome);
    }
    ASSERT_EQ(outcome.requests.size(), 2U);
    EXPECT_EQ(outcome.requests[0].request.body, "hello world!");
    EXPECT_EQ(outcome.requests[0].request.headers.count("Authorization"), 0U)
        << "a trailer field must not become a header field";
    EXPECT_EQ(outcome.requests[1].target, "/next");
  }
}

TEST(Framing, PipelinedRequestsComeInOrder) {
  std::string bytes;
  for (int i = 0; i < 50; ++i) {
    bytes += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n" +
             std::to_string(10 + i);
  }
  for (const std::size_t piece : {std::size_t{1}, std::size_t{64}, std::string::npos}) {
    const auto outcome = frame(bytes, piece);
    ASSERT_EQ(outcome.requests.size(), 50U);
    for (int i = 0; i < 50; ++i) {
      const auto& framed = outcome.requests[static_cast<std::size_t>(i)];
      EXPECT_EQ(framed.target, "/" + std::to_string(i));
      EXPECT_EQ(framed.request.body, std::to_string(10 + i));
    }
  }
}

TEST(Framing, NothingIsReadBehindARefusal) {
  const auto outcome = frame(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 40\r\n\r\nabc"
      "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(outcome.refused, 400);
  EXPECT_TRUE(outcome.requests.empty());
}

TEST(Framing, LimitsAreExact) {
  FramingLimits limits;
  limits.request_line = 40;
  limits.header_bytes = 60;
  limits.header_fields = 3;
  limits.body = 10;
  const auto request = [](std::size_t line, std::size_t header, std::size_t body) {
    std::string bytes = "POST /";
    bytes += std::string(line - 15, 'a') + " HTTP/1.1\r\n";
    bytes += "Host: a\r\nContent-Length: " + std::to_string(body) + "\r\nX: ";
    const auto fields = bytes.size() - line - 2;
    bytes += std::string(header - fields - 2, 'x') + "\r\n\r\n";
    return bytes + std::string(body, 'b');
  };
  for (const std::size_t piece : {std::size_t{1}, std::string::npos}) {
    EXPECT_EQ(frame(request(40, 60, 9), piece, limits).requests.size(), 1U);
    EXPECT_EQ(frame(request(40, 60, 10), piece, limits).requests.size(), 1U);
    EXPECT_EQ(frame(request(41, 60, 9), piece, limits).refused, 414);
    EXPECT_EQ(frame(request(40, 61, 9), piece, limits).refused, 431);
    EXPECT_EQ(frame(request(40, 60, 11), piece, limits).refused, 413);
  }
  const std::string four = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n";
  EXPECT_EQ(frame(four, std::string::npos, limits).refused, 431);
  const std::string chunks = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(frame(chunks + "6\r\naaaaaa\r\n4\r\nbbbb\r\n0\r\n\r\n", 1, limits).requests.size(), 1U);
  EXPECT_EQ(frame(chunks + "6\r\naaaaaa\r\n5\r\n", 1, limits).refused, 413);
}

TEST(Framing, BodyLimitMayDependOnTheTarget) {
  std::vector<std::string> asked;
  const auto limit = [&](Method method, std::string_view target) -> std::optional<std::size_t> {
    asked.push_back(std::string(methodName(method)) + " " + std::string(target));
    return target == "/bulk" ? std::size_t{20} : std::size_t{5};
  };
  std::uint64_t told = 0;
  const auto status = [&](const std::string& target, const std::string& rest) {
    Framer framer({}, limit);
    framer.append("POST " + target + " HTTP/1.1\r\nHost: a\r\n" + rest);
    const bool refused = framer.next() == Progress::kRefused;
    told = refused ? framer.refusal().body_limit : 0;
    return refused ? framer.refusal().status : 0;
  };
  EXPECT_EQ(status("/users", "Content-Length: 6\r\n\r\n"), 413);
  EXPECT_EQ(told, 5U);
  EXPECT_EQ(status("/bulk", "Content-Length: 20\r\n\r\n"), 0);
  EXPECT_EQ(status("/bulk", "Transfer-Encoding: chunked\r\n\r\n15\r\na"), 413);
  EXPECT_EQ(told, 20U);
  EXPECT_EQ(status("/users", "\r\n"), 0);
  EXPECT_EQ(asked, (std::vector<std::string>{"POST /users", "POST /bulk", "POST /bulk"}));
}

TEST(Framing, AnAnnouncedLengthReservesNothing) {
  Framer framer({});
  framer.append("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\nabc");
  EXPECT_EQ(framer.next(), Progress::kNeedMore);
  EXPECT_TRUE(framer.inBody());
  EXPECT_LT(framer.held(), 100U);
}

TEST(Framing, ChunksThatAreLittleButExtensionsAreRefused) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) bytes += "1;" + std::string(1000, 'x') + "\r\na\r\n";
  EXPECT_EQ(frame(bytes).refused, 400);
}

TEST(Framing, OneByteChunksPass) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 50'000; ++i) bytes += "1\r\na\r\n";
  const auto outcome = frame(bytes + "0\r\n\r\n", 4096);
  ASSERT_EQ(outcome.requests.size(), 1U);
  EXPECT_EQ(outcome.requests[0].request.body.size(), 50'000U);
}

TEST(Framing, ContinueIsWantedOnceAndOnlyBeforeTheBody) {
  const std::string header =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
  Framer waiting({});
  waiting.append(header);
  EXPECT_EQ(waiting.next(), Progress::kNeedMore);
  EXPECT_TRUE(waiting.takeContinue());
  EXPECT_FALSE(waiting.takeContinue());
  waiting.append("abc");
  EXPECT_EQ(waiting.next(), Progress::kComplete);

  Framer impatient({});
  impatient.append(header + "a");
  EXPECT_EQ(impatient.next(), Progress::kNeedMore);
  EXPECT_FALSE(impatient.takeContinue());

  Framer old({});
  old.append("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(old.next(), Progress::kNeedMore);
  EXPECT_FALSE(old.takeContinue()) << "HTTP/1.0 knows no interim answers";
}

struct KeepAliveCase {
  std::string version;
  std::string connection;
  bool keep_alive;
};

TEST(Framing, KeepAliveFollowsVersionAndConnection) {
  for (const auto& [version, connection, keep_alive] :
       {KeepAliveCase{"1.1", "", true}, KeepAliveCase{"1.1", "keep-alive", true},
        KeepAliveCase{"1.1", "close", false}, KeepAliveCase{"1.1", "Foo, CLOSE", false},
        KeepAliveCase{"1.1", "keep-alive, close", false}, KeepAliveCase{"1.0", "", false},
        KeepAliveCase{"1.0", "Keep-Alive", true}, KeepAliveCase{"1.0", "close", false}}) {
    SCOPED_TRACE(version + " " + connection);
    auto bytes = "GET / HTTP/" + version + "\r\nHost: a\r\n";
    if (!connection.empty()) bytes += "Connection: " + connection + "\r\n";
    const auto outcome = frame(bytes + "\r\n");
    ASSERT_EQ(outcome.requests.size(), 1U);
    EXPECT_EQ(outcome.requests[0].keep_alive, keep_alive);
  }
}

TEST(Framing, KnowsWhatItWaitsFor) {
  Framer framer({});
  EXPECT_EQ(framer.next(), Progress::kNeedMore);
  EXPECT_FALSE(framer.inRequest());
  framer.append("GE");
  EXPECT_EQ(framer.next(), Progress::kNeedMore);
  EXPECT_TRUE(framer.inRequest());
  EXPECT_FALSE(framer.inBody());
  framer.append("T / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(framer.next(), Progress::kNeedMore);
  EXPECT_TRUE(framer.inBody());
  framer.append("x");
  ASSERT_EQ(framer.next(), Progress::kComplete);
  (void)framer.take();
  EXPECT_FALSE(framer.inRequest());
  EXPECT_EQ(framer.held(), 0U);
}

TEST(Framing, WhatWasReadOfABodyIsNotKept) {
  // Each piece ends in the line end behind a chunk's data, which the parser takes for the beginning
  // of the next chunk header: it never empties the buffer.
  Framer framer({});
  framer.append("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_EQ(framer.next(), Progress::kNeedMore);
  std::string piece;
  for (int i = 0; i < 500; ++i) piece += "1;xx\r\na\r\n";
  std::size_t content = 0;
  while (content < 500'000) {
    framer.append(piece);
    ASSERT_EQ(framer.next(), Progress::kNeedMore);
    content += 500;
    ASSERT_LT(framer.reserved(), 64UL * 1024);
    ASSERT_LT(framer.held(), content + 32UL * 1024);
    ASSERT_GE(framer.held(), content - 1);
  }
  framer.append("0\r\n\r\n");
  ASSERT_EQ(framer.next(), Progress::kComplete);
  EXPECT_EQ(framer.take().request.body.size(), content);
  EXPECT_EQ(framer.held(), 0U);
}

TEST(Framing, MemoryThatAStreamNeededIsGivenBack) {
  Framer framer({});
  std::string bytes;
  while (bytes.size() < 2'000'000) bytes += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  framer.append(bytes);
  Outcome outcome;
  drain(framer, outcome);
  EXPECT_GT(outcome.requests.size(), 1000U);
  EXPECT_LE(framer.reserved(), 64U * 1024);
}

TEST(Framing, BodyThatNobodyTakesIsNotRead) {
  const auto nobody = [](Method, std::string_view) { return std::nullopt; };
  for (const char* length : {"Content-Length: 1000000\r\n", "Transfer-Encoding: chunked\r\n"}) {
    Framer framer({}, nobody);
    framer.append("POST /nowhere HTTP/1.1\r\nHost: a\r\n" + std::string(length) + "\r\n");
    ASSERT_EQ(framer.next(), Progress::kComplete) << length;
    const auto framed = framer.take();
    EXPECT_EQ(framed.target, "/nowhere");
    EXPECT_FALSE(framed.keep_alive);
    framer.append("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(framer.next(), Progress::kRefused) << "a body must not pass for a request";
  }
  Framer framer({}, nobody);
  framer.append("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(framer.next(), Progress::kComplete);
  EXPECT_TRUE(framer.take().keep_alive) << "there is no body that could not be read";
}

TEST(Framing, RequestLineHasRoomForTheLongestFilterInPercent) {
  std::string filter;
  for (int i = 0; i < 4096; ++i) filter += "%22";
  const auto outcome =
      frame("GET /domains/A-LONG-NAME/scim/v2/Users?startIndex=1&count=100&filter=" + filter +
            " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(outcome.requests.size(), 1U);
}

}  // namespace
}  // namespace vestibule::http
