#pragma once
// Requests that no honest client sends, and what must become of each. Used on the framing alone and
// over a socket.

#include <ostream>
#include <string>
#include <vector>

namespace vestibule::test {

struct HostileRequest {
  std::string name;
  std::string bytes;
  /// The status of the first answer; 0 when none may come because the request is not complete.
  int status;
  /// True when the connection must be closed after that answer.
  bool closed;
};

inline void PrintTo(const HostileRequest& request, std::ostream* out) { *out << request.name; }

/// `ok` is the status with which the server answers GET / and POST /.
inline std::vector<HostileRequest> hostileRequests(int ok) {
  const std::string host = "Host: a\r\n";
  const std::string post = "POST / HTTP/1.1\r\n" + host;
  const std::string get = "GET / HTTP/1.1\r\n" + host;
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n";
  const auto nul = std::string(1, '\0');
  std::string many_fields;
  for (int i = 0; i < 10'000; ++i) many_fields += "X: y\r\n";
  std::string sixty_fields;
  for (int i = 0; i < 60; ++i) sixty_fields += "X: y\r\n";

  return {
      {"plain", get + "\r\n", ok, false},
      {"empty line before the request", "\r\n" + get + "\r\n", ok, false},
      {"two empty lines before the request", "\r\n\r\n" + get + "\r\n", 400, true},

      // Lengths
      {"two equal lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, true},
      {"two different lengths", post + "Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc", 400,
       true},
      {"list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc", 400, true},
      {"length with a letter", post + "Content-Length: 3x\r\n\r\nabc", 400, true},
      {"length with a plus", post + "Content-Length: +3\r\n\r\nabc", 400, true},
      {"negative length", post + "Content-Length: -1\r\n\r\nabc", 400, true},
      {"length that is a word", post + "Content-Length: abc\r\n\r\nabc", 400, true},
      {"hexadecimal length", post + "Content-Length: 0x3\r\n\r\nabc", 400, true},
      {"empty length", post + "Content-Length: \r\n\r\nabc", 400, true},
      {"length with a space in it", post + "Content-Length: 1 2\r\n\r\nabc", 400, true},
      {"space before the colon", post + "Content-Length : 3\r\n\r\nabc", 400, true},
      {"length of 2^64", post + "Content-Length: 18446744073709551616\r\n\r\nabc", 400, true},
      {"length of 2^64-1", post + "Content-Length: 18446744073709551615\r\n\r\nabc", 413, true},
      {"length of 2^32", post + "Content-Length: 4294967296\r\n\r\nabc", 413, true},
      {"length over the limit", post + "Content-Length: 1048577\r\n\r\n", 413, true},
      {"length over the limit, continue expected",
       post + "Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n", 413, true},

      // Transfer codings
      {"length, then chunked",
       post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"chunked, then length", chunked + "Content-Length: 3\r\n\r\n0\r\n\r\n", 400, true},
      {"gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, true},
      {"xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, true},
      {"chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501,
       true},
      {"identity", post + "Transfer-Encoding: identity\r\n\r\n", 501, true},
      {"quoted chunked", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501, true},
      {"empty coding", post + "Transfer-Encoding: \r\n\r\n0\r\n\r\n", 501, true},
      {"vertical tab before chunked", post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400,
       true},
      {"two codings", chunked + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400, true},
      {"identity, then chunked",
       post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501,
       true},
      {"folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"chunked in capitals", post + "Transfer-Encoding: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n", ok,
       false},
      {"chunked from HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400, true},

      // Chunks
      {"chunk of 2^64 and more", chunked + "\r\nffffffffffffffff1\r\n", 400, true},
      {"chunk of 2^64-1", chunked + "\r\nffffffffffffffff\r\nabc", 413, true},
      {"chunk of 2^31-1", chunked + "\r\n7fffffff\r\nabc", 413, true},
      {"chunk of -1", chunked + "\r\n-1\r\nabc", 400, true},
      {"chunk of 0x3", chunked + "\r\n0x3\r\nabc\r\n0\r\n\r\n", 400, true},
      {"chunk without a size", chunked + "\r\n\r\nabc\r\n0\r\n\r\n", 400, true},
      {"chunk longer than its size", chunked + "\r\n2\r\nabc\r\n0\r\n\r\n", 400, true},
      {"chunk line ends in a line feed", chunked + "\r\n3\nabc\n0\n\n", 400, true},
      {"chunk extensions", chunked + "\r\n3;x=y;z=\"a;b\"\r\nabc\r\n0;q\r\n\r\n", ok, false},
      {"bad chunk extension", chunked + "\r\n3 x\r\nabc\r\n0\r\n\r\n", 400, true},
      {"chunk extension of 5 kB",
       chunked + "\r\n3;x=" + std::string(5000, 'y') + "\r\nabc\r\n0\r\n\r\n", 400, true},
      {"trailer", chunked + "\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n", ok, false},
      {"length in the trailer", chunked + "\r\n0\r\nContent-Length: 3\r\n\r\n", 400, true},
      {"trailer of 5 kB", chunked + "\r\n0\r\nX: " + std::string(5000, 'y') + "\r\n\r\n", 400,
       true},
      {"trailer without a colon", chunked + "\r\n0\r\nfoo\r\n\r\n", 400, true},

      // Header fields
      {"folded field", get + "X: a\r\n b\r\n\r\n", 400, true},
      {"folded first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, true},
      {"control character in a value", get + "X: a\001b\r\n\r\n", 400, true},
      {"NUL in a value", get + "X: a" + nul + "b\r\n\r\n", 400, true},
      {"NUL in a name", get + "X" + nul + "Y: a\r\n\r\n", 400, true},
      {"carriage return in a value", get + "X: a\rb\r\n\r\n", 400, true},
      {"field without a colon", get + "foo\r\n\r\n", 400, true},
      {"field without a name", get + ": a\r\n\r\n", 400, true},
      {"space in a name", get + "X Y: a\r\n\r\n", 400, true},
      {"bracket in a name", get + "X(Y: a\r\n\r\n", 400, true},
      {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400, true},
      {"one bare line feed", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400, true},
      {"header of 100 kB", get + "X: " + std::string(100'000, 'y') + "\r\n\r\n", 431, true},
      {"endless header", get + "X: " + std::string(100'000, 'y'), 431, true},
      {"10,000 fields", get + many_fields + "\r\n", 431, true},
      {"61 fields", get + sixty_fields + "\r\n", ok, false},

      // Host
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, true},
      {"two Hosts", get + "Host: b\r\n\r\n", 400, true},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, true},
      {"Host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, true},
      {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:99999999\r\n\r\n", 400, true},
      {"Host with a quote", "GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n", 400, true},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", ok, false},
      {"IPv6 Host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", ok, false},

      // Request line
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", ok, true},
      {"HTTP/1.", "GET / HTTP/1.\r\n" + host + "\r\n", 400, true},
      {"HTTP/1.2", "GET / HTTP/1.2\r\n" + host + "\r\n", 505, true},
      {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, true},
      {"HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", 505, true},
      {"HTTP/9.9", "GET / HTTP/9.9\r\n" + host + "\r\n", 505, true},
      {"HTTP/11", "GET / HTTP/11\r\n" + host + "\r\n", 400, true},
      {"http/1.1", "GET / http/1.1\r\n" + host + "\r\n", 400, true},
      {"no version", "GET /\r\n" + host + "\r\n", 400, true},
      {"no target", "GET HTTP/1.1\r\n" + host + "\r\n", 400, true},
      {"space in the target", "GET /a b HTTP/1.1\r\n" + host + "\r\n", 400, true},
      {"NUL in the target", "GET /a" + nul + "b HTTP/1.1\r\n" + host + "\r\n", 400, true},
      {"tab instead of a space", "GET\t/\tHTTP/1.1\r\n" + host + "\r\n", 400, true},
      {"two spaces", "GET  / HTTP/1.1\r\n" + host + "\r\n", 400, true},
      {"request line of 17 kB",
       "GET /" + std::string(17'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 414, true},
      {"endless request line", "GET /" + std::string(20'000, '/'), 414, true},
      {"unknown method", "FOO / HTTP/1.1\r\n" + host + "\r\n", 501, true},
      {"method in small letters", "get / HTTP/1.1\r\n" + host + "\r\n", 501, true},
      {"TRACE", "TRACE / HTTP/1.1\r\n" + host + "\r\n", 501, true},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\n" + host + "\r\n", 501, true},
      {"method that is no token", "F(O / HTTP/1.1\r\n" + host + "\r\n", 400, true},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), 400, true},
      {"binary noise", std::string("\x80\x81\xff", 3), 400, true},

      // Expectations
      {"unknown expectation", post + "Expect: 200-ok\r\nContent-Length: 3\r\n\r\nabc", 417, true},

      // Not complete: nothing may be answered yet
      {"half a request line", "GET / HT", 0, false},
      {"half a header", get + "X: y", 0, false},
      {"half a body", post + "Content-Length: 30\r\n\r\nabc", 0, false},
      {"half a chunk", chunked + "\r\n30\r\nabc", 0, false},
      {"chunks without an end", chunked + "\r\n3\r\nabc\r\n", 0, false},
  };
}

}  // namespace vestibule::test
