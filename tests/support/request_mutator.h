#pragma once
// Makes broken HTTP requests out of good ones, the same ones for the same seed.

#include <random>
#include <string>
#include <vector>

namespace vestibule::test {

class RequestMutator {
 public:
  explicit RequestMutator(std::uint64_t seed) : random_(seed) {}

  /// The next stream of bytes: one or two good requests with up to five changes.
  std::string next() {
    std::string bytes = pick(seeds_);
    if (below(6) == 0) bytes += pick(seeds_);
    const auto changes = below(6);
    for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) change(bytes);
    return bytes;
  }

  /// A random number below `limit`.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

 private:
  void change(std::string& bytes) {
    const auto at = below(bytes.size());
    switch (below(8)) {
      case 0:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 1:
        bytes.erase(at, 1 + below(8));
        break;
      case 2:
        bytes.insert(at, pick(tokens_));
        break;
      case 3:
        bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(20)));
        break;
      case 4:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 5:
        bytes.resize(at);
        break;
      case 6:
        bytes.insert(at, std::string(1 + below(300), pick(tokens_).front()));
        break;
      default:
        bytes.replace(at, 1 + below(4), pick(tokens_));
        break;
    }
  }

  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  std::mt19937_64 random_;
  const std::vector<std::string> seeds_ = {
      "GET /echo?a=b&c=%20d HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/scim+json\r\n"
      "Content-Length: 5\r\n\r\nhello",
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: v\r\n\r\n",
      "PATCH /users/1 HTTP/1.1\r\nHost: a\r\nIf-Match: W/\"1\"\r\nAuthorization: Bearer abc.def\r\n"
      "Content-Length: 2\r\n\r\n{}",
      "GET /users/%41%42/ HTTP/1.1\r\nHost: [::1]:80\r\nAccept: */*;q=0.1\r\nConnection: "
      "close\r\n\r\n",
      "GET http://a/echo?x HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n",
      "HEAD /echo HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
      "PUT /users/1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"};
  const std::vector<std::string> tokens_ = {"\r\n",
                                            "\r",
                                            "\n",
                                            ":",
                                            " ",
                                            "\t",
                                            "?",
                                            "&",
                                            "=",
                                            "%",
                                            "%00",
                                            "//",
                                            "/../",
                                            ";",
                                            ",",
                                            "\"",
                                            "0",
                                            "-1",
                                            "18446744073709551615",
                                            "9223372036854775807",
                                            "ffffffff",
                                            "chunked",
                                            "Transfer-Encoding: chunked\r\n",
                                            "Content-Length: 10\r\n",
                                            "Content-Length: -1\r\n",
                                            "HTTP/1.1",
                                            "HTTP/1.0",
                                            "\r\n\r\n",
                                            "0\r\n\r\n",
                                            "\xff\xfe",
                                            "Host: \r\n",
                                            "Host: [\r\n",
                                            "Expect: 100-continue\r\n",
                                            "Connection: close\r\n",
                                            std::string(1, '\0')};
};

}  // namespace vestibule::test
