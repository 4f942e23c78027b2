#include "http/serialize.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

std::string withoutDate(std::string text) {
  const auto begin = text.find("Date: ");
  if (begin != text.npos) text.erase(begin, text.find("\r\n", begin) + 2 - begin);
  return text;
}

TEST(Serialize, AddsWhatEveryAnswerHas) {
  Response response;
  response.headers.add("Content-Type", "text/plain");
  response.body = "hello";
  const auto text = serialize(response, {.keep_alive = true});
  EXPECT_NE(text.find("\r\nDate: "), text.npos);
  EXPECT_EQ(withoutDate(text),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(Serialize, KeepsWhatTheHandlerSaysOfCaching) {
  Response response;
  response.headers.add("cache-control", "max-age=60");
  response.headers.add("x-content-type-options", "nosniff");
  const auto text = serialize(response, {.keep_alive = true});
  EXPECT_EQ(text.find("no-store"), text.npos);
  EXPECT_EQ(text.find("X-Content-Type-Options"), text.npos);
}

TEST(Serialize, EmptyBodyHasALength) {
  EXPECT_NE(serialize({}, {}).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(Serialize, NoBodyAndNoLengthWhereTheStatusHasNone) {
  for (const int status : {204, 304}) {
    Response response;
    response.status = status;
    response.body = "never sent";
    const auto text = serialize(response, {.keep_alive = true});
    EXPECT_EQ(text.find("Content-Length"), text.npos);
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  }
}

TEST(Serialize, HeadHasTheLengthButNotTheBody) {
  Response response;
  response.body = "hello";
  const auto text = serialize(response, {.keep_alive = true, .head = true});
  EXPECT_NE(text.find("Content-Length: 5\r\n"), text.npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(Serialize, SaysWhatBecomesOfTheConnection) {
  EXPECT_NE(serialize({}, {.keep_alive = false}).find("\r\nConnection: close\r\n"),
            std::string::npos);
  EXPECT_EQ(serialize({}, {.keep_alive = true}).find("Connection"), std::string::npos);
  EXPECT_NE(
      serialize({}, {.keep_alive = true, .http10 = true}).find("\r\nConnection: keep-alive\r\n"),
      std::string::npos);
}

TEST(Serialize, FieldsOfTheConnectionAreNotTakenFromTheHandler) {
  Response response;
  response.body = "abc";
  response.headers.add("Content-Length", "99");
  response.headers.add("transfer-encoding", "chunked");
  response.headers.add("Connection", "upgrade");
  response.headers.add("Date", "yesterday");
  const auto text = serialize(response, {.keep_alive = true});
  EXPECT_EQ(text.find("99"), text.npos);
  EXPECT_EQ(text.find("chunked"), text.npos);
  EXPECT_EQ(text.find("upgrade"), text.npos);
  EXPECT_EQ(text.find("yesterday"), text.npos);
}

TEST(Serialize, ValuesCannotBreakOutOfTheirLine) {
  Response response;
  response.headers.add("Location", "/x\r\nSet-Cookie: a=b\r\n\r\n<html>");
  response.headers.add("ETag", std::string("a\0b\x7f\x1b[31m\tc", 11));
  const auto text = serialize(response, {.keep_alive = true});
  EXPECT_NE(text.find("Location: /x  Set-Cookie: a=b    <html>\r\n"), text.npos);
  EXPECT_NE(text.find("ETag: a b  [31m\tc\r\n"), text.npos);
  EXPECT_EQ(text.find("\r\n\r\n"), text.size() - 4);
}

TEST(Serialize, NamesThatAreNoTokensAreLeftOut) {
  for (const std::string name : {"X Y", "X\r\nY", "X:Y", "", "X\xC3\xA9"}) {
    Response response;
    response.headers.add(name, "smuggled");
    EXPECT_EQ(serialize(response, {}).find("smuggled"), std::string::npos) << name;
  }
}

TEST(Serialize, NonAsciiValuesPassUnchanged) {
  Response response;
  response.headers.add("X-Name", "caf\xC3\xA9");
  EXPECT_NE(serialize(response, {}).find("X-Name: caf\xC3\xA9\r\n"), std::string::npos);
}

TEST(Serialize, ImpossibleStatusIsAnInternalError) {
  for (const int status : {0, 100, 101, 199, 600, 1000, -1}) {
    Response response;
    response.status = status;
    response.body = "half an answer";
    const auto text = serialize(response, {});
    EXPECT_TRUE(text.starts_with("HTTP/1.1 500 ")) << status;
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  }
}

TEST(HttpDate, IsTheFixedForm) {
  EXPECT_EQ(httpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(httpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(httpDate(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

}  // namespace
}  // namespace vestibule::http
