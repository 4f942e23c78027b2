#include "http/serialize.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

/// The answer as it goes over the wire.
std::string wire(const Response& response, const AnswerForm& form) {
  const auto bytes = serialize(response, form);
  return bytes.head + bytes.body;
}

std::string withoutDate(std::string text) {
  const auto begin = text.find("Date: ");
  if (begin != text.npos) text.erase(begin, text.find("\r\n", begin) + 2 - begin);
  return text;
}

TEST(Serialize, AddsWhatEveryAnswerHas) {
  Response response;
  response.headers.add("Content-Type", "text/plain");
  response.body = "hello";
  const auto text = wire(response, {.keep_alive = true});
  EXPECT_NE(text.find("\r\nDate: "), text.npos);
  EXPECT_EQ(withoutDate(text),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(Serialize, KeepsWhatTheHandlerSaysOfCaching) {
  Response response;
  response.headers.add("cache-control", "max-age=60");
  response.headers.add("x-content-type-options", "nosniff");
  const auto text = wire(response, {.keep_alive = true});
  EXPECT_EQ(text.find("no-store"), text.npos);
  EXPECT_EQ(text.find("X-Content-Type-Options"), text.npos);
}

TEST(Serialize, EmptyBodyHasALength) {
  EXPECT_NE(wire({}, {}).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(Serialize, NoBodyAndNoLengthWhereTheStatusHasNone) {
  for (const int status : {204, 304}) {
    Response response;
    response.status = status;
    response.body = "never sent";
    const auto text = wire(response, {.keep_alive = true});
    EXPECT_EQ(text.find("Content-Length"), text.npos);
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  }
}

TEST(Serialize, StreamedBodyComesInChunks) {
  Response response;
  response.body = std::string(26, 'x');
  const AnswerForm form{.keep_alive = true, .streamed = true};
  const auto text = wire(response, form);
  EXPECT_NE(text.find("\r\nTransfer-Encoding: chunked\r\n"), text.npos);
  EXPECT_EQ(text.find("Content-Length"), text.npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n1a\r\n" + response.body + "\r\n"));
  response.body.clear();
  EXPECT_TRUE(wire(response, form).ends_with("chunked\r\n\r\n")) << "an empty chunk is the last";
  const auto piece = serializePiece("hello", form);
  EXPECT_EQ(piece.head + piece.body, "5\r\nhello\r\n");
  const auto end = serializePiece("", form);
  EXPECT_EQ(end.head + end.body, "0\r\n\r\n");
}

TEST(Serialize, StreamedBodyEndsWithTheConnectionForOldClients) {
  Response response;
  response.body = "hello";
  const AnswerForm form{.keep_alive = false, .http10 = true, .streamed = true};
  const auto text = wire(response, form);
  EXPECT_EQ(text.find("Transfer-Encoding"), text.npos);
  EXPECT_EQ(text.find("Content-Length"), text.npos);
  EXPECT_NE(text.find("Connection: close\r\n"), text.npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\nhello"));
  EXPECT_EQ(serializePiece("more", form).body, "more");
  EXPECT_EQ(serializePiece("", form).size(), 0U);
}

TEST(Serialize, HeadHasTheLengthButNotTheBody) {
  Response response;
  response.body = "hello";
  const auto text = wire(response, {.keep_alive = true, .head = true});
  EXPECT_NE(text.find("Content-Length: 5\r\n"), text.npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(Serialize, SaysWhatBecomesOfTheConnection) {
  EXPECT_NE(wire({}, {.keep_alive = false}).find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(wire({}, {.keep_alive = true}).find("Connection"), std::string::npos);
  EXPECT_NE(wire({}, {.keep_alive = true, .http10 = true}).find("\r\nConnection: keep-alive\r\n"),
            std::string::npos);
}

TEST(Serialize, FieldsOfTheConnectionAreNotTakenFromTheHandler) {
  Response response;
  response.body = "abc";
  response.headers.add("Content-Length", "99");
  response.headers.add("transfer-encoding", "chunked");
  response.headers.add("Connection", "upgrade");
  response.headers.add("Date", "yesterday");
  const auto text = wire(response, {.keep_alive = true});
  EXPECT_EQ(text.find("99"), text.npos);
  EXPECT_EQ(text.find("chunked"), text.npos);
  EXPECT_EQ(text.find("upgrade"), text.npos);
  EXPECT_EQ(text.find("yesterday"), text.npos);
}

TEST(Serialize, ValuesCannotBreakOutOfTheirLine) {
  Response response;
  response.headers.add("Location", "/x\r\nSet-Cookie: a=b\r\n\r\n<html>");
  response.headers.add("ETag", std::string("a\0b\x7f\x1b[31m\tc", 11));
  const auto text = wire(response, {.keep_alive = true});
  EXPECT_NE(text.find("Location: /x  Set-Cookie: a=b    <html>\r\n"), text.npos);
  EXPECT_NE(text.find("ETag: a b  [31m\tc\r\n"), text.npos);
  EXPECT_EQ(text.find("\r\n\r\n"), text.size() - 4);
}

TEST(Serialize, NamesThatAreNoTokensAreLeftOut) {
  for (const std::string name : {"X Y", "X\r\nY", "X:Y", "", "X\xC3\xA9"}) {
    Response response;
    response.headers.add(name, "smuggled");
    EXPECT_EQ(wire(response, {}).find("smuggled"), std::string::npos) << name;
  }
}

TEST(Serialize, NonAsciiValuesPassUnchanged) {
  Response response;
  response.headers.add("X-Name", "caf\xC3\xA9");
  EXPECT_NE(wire(response, {}).find("X-Name: caf\xC3\xA9\r\n"), std::string::npos);
}

TEST(Serialize, ImpossibleStatusIsAnInternalError) {
  for (const int status : {0, 100, 101, 199, 600, 1000, -1}) {
    Response response;
    response.status = status;
    response.body = "half an answer";
    const auto text = wire(response, {});
    EXPECT_TRUE(text.starts_with("HTTP/1.1 500 ")) << status;
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  }
}

TEST(HttpDate, IsTheFixedForm) {
  EXPECT_EQ(httpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(httpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(httpDate(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(Serialize, LeavesTheBodyWhereItIs) {
  Response response;
  response.body.assign(100'000, 'x');
  const char* before = response.body.data();
  const auto bytes = serialize(std::move(response), {});
  EXPECT_EQ(bytes.body.data(), before);
  EXPECT_EQ(bytes.size(), bytes.head.size() + 100'000);
}

TEST(Serialize, AnAnswerThatIsKeptHasNoDate) {
  EXPECT_EQ(wire({}, {.dated = false}).find("Date:"), std::string::npos);
}

}  // namespace
}  // namespace vestibule::http
