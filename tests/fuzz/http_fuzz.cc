// The whole way of a request but the socket: bytes of a connection are framed, routed,
// authenticated and answered by the routes of a server on a real database. The first byte says at
// which address: i for the internal one. `@scim`, `@jit`, `@admin` and `@me` stand for tokens of
// these scopes, `@secret` for a password, `@user` and `@group` for ids of resources that are there
// at first. A secret is put in only where one belongs: what a client writes anywhere else, an error
// may quote. `@length` stands for the length of all that follows the head, so that a body can
// change.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.h"
#include "directory/tokens.h"
#include "fuzz/invariant.h"
#include "http/dispatcher.h"
#include "http/error_response.h"
#include "http/framing.h"
#include "http/serialize.h"
#include "http/work_queue.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/private_database.h"
#include "support/served_routes.h"

namespace vestibule::http {
namespace {

using fuzz::require;

constexpr std::string_view kSecret = "Tr0ub4dor-never-shown";
/// Where a secret belongs.
constexpr std::string_view kSecretPlaces[] = {R"("password":")", R"("token":")", "&password="};
constexpr std::string_view kSecretWord = "@secret";
constexpr std::string_view kLength = "@length";
constexpr std::string_view kTokenPlace = "\r\nAuthorization: Bearer ";
/// Requests of one connection that are answered.
constexpr int kMostRequests = 20;
constexpr std::size_t kMostPieces = 10'000;

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail + " " + result.error().internal);
  return std::move(*result);
}

app::Config configuration() {
  app::Config config;
  config.database.url = test::privateDatabaseUrl();
  config.database.schema_prefix = "fuzz";
  config.scim.schema_dir = VESTIBULE_SOURCE_DIR "/scim-schemas";
  return config;
}

bool isInRequestLine(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return text.substr(at, end == text.npos ? end : end - at).find(" HTTP/") != text.npos;
}

/// A server without listeners.
class Server {
 public:
  Server()
      : routes_(configuration(), {.serves = true}),
        queue_({.workers = 1}),
        outside_(routes_.outside(), scimRefusal, queue_, bodyBytes()),
        inside_(routes_.inside(), problemRefusal, queue_, bodyBytes()) {
    for (const auto place : kSecretPlaces) addSecret(place, kSecretWord, kSecret);
    for (const auto& [name, scopes] : {std::pair{"scim", "scim:read scim:write"},
                                       std::pair{"jit", "jit"}, std::pair{"admin", "admin"}}) {
      addToken({name, scopes, {}, {}});
    }
    if (auto known = context().catalog->refresh(); !known) {
      throw std::runtime_error(known.error().internal);
    }
    const auto user =
        made("Users",
             R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"first"})");
    words_.emplace_back("@user", user);
    words_.emplace_back(
        "@group",
        made(
            "Groups",
            R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"first"})"));
    directory::TokenRequest me{"me", "me:read me:write", {}, {}};
    me.user = user;
    addToken(me);
    if (auto known = context().catalog->refresh(); !known) {
      throw std::runtime_error(known.error().internal);
    }
  }

  /// Puts secrets and ids in place of the words that stand for them.
  [[nodiscard]] std::string filledIn(std::string_view text) const {
    std::string filled(text);
    for (const auto& [word, value] : words_) {
      for (auto at = filled.find(word); at != std::string::npos; at = filled.find(word, at)) {
        const bool quotable = word.ends_with(kSecretWord) && isInRequestLine(filled, at);
        if (!quotable) filled.replace(at, word.size(), value);
        at += quotable ? word.size() : value.size();
      }
    }
    const auto length = filled.find(kLength);
    const auto end = filled.find("\r\n\r\n", length == std::string::npos ? 0 : length);
    if (length != std::string::npos && end != std::string::npos) {
      filled.replace(length, kLength.size(), std::to_string(filled.size() - end - 4));
    }
    return filled;
  }

  /// The answers to what a connection brings.
  std::vector<Response> answers(bool internal, std::string_view bytes) {
    Dispatcher& side = internal ? inside_ : outside_;
    FramingLimits limits;
    limits.body = bodyBytes();
    Framer framer(limits, [&](Method method, std::string_view target) {
      return side.bodyLimit(method, target);
    });
    framer.append(bytes);
    std::vector<Response> all;
    for (int i = 0; i < kMostRequests; ++i) {
      const auto progress = framer.next();
      if (progress == Framer::Progress::kNeedMore) break;
      if (progress == Framer::Progress::kRefused) {
        all.push_back(side.turnDown(framer.refusal()));
        break;
      }
      all.push_back(answer(side, framer.take()));
    }
    return all;
  }

  /// Compares single characters: from comparisons of texts a fuzzer learns the secrets, and sends
  /// them where an error may quote them.
  [[nodiscard]] bool tellsASecret(std::string_view text) const {
    return std::ranges::any_of(secrets_, [&](const auto& secret) {
      return std::search(text.begin(), text.end(), secret.begin(), secret.end()) != text.end();
    });
  }

 private:
  [[nodiscard]] const directory::Context& context() { return routes_.stack().context(); }
  [[nodiscard]] std::size_t bodyBytes() const { return routes_.config().server.body_bytes; }

  static Response answer(Dispatcher& side, FramedRequest request) {
    std::promise<Response> promise;
    auto late = promise.get_future();
    auto now = side.dispatch(std::move(request), true,
                             [&](Response response) { promise.set_value(std::move(response)); });
    return now ? *std::move(now) : late.get();
  }

  void addToken(const directory::TokenRequest& request) {
    addSecret(kTokenPlace, "@" + request.name,
              must(directory::createToken(context(), request)).text);
  }

  void addSecret(std::string_view place, std::string_view word, std::string_view secret) {
    words_.emplace_back(std::string(place).append(word), std::string(place).append(secret));
    secrets_.emplace_back(secret);
  }

  /// The id of a new resource.
  std::string made(const std::string& type, const std::string& body) {
    const auto request = filledIn("POST /scim/v2/" + type +
                                  " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer @scim\r\n"
                                  "Content-Type: application/scim+json\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto given = answers(false, request);
    if (given.at(0).status != 201) throw std::runtime_error(given.at(0).body);
    const auto document = must(json::parse(given.at(0).body));
    return std::string(document.stringAt("id").value_or(""));
  }

  test::ServedRoutes routes_;
  WorkQueue queue_;
  Dispatcher outside_;
  Dispatcher inside_;
  /// What stands for what.
  std::vector<std::pair<std::string, std::string>> words_;
  std::vector<std::string> secrets_;
};

void check(const Server& server, Response response) {
  require(response.status >= 200 && response.status < 600, "a status is one of HTTP");
  require(response.status != 500, "no request is a defect of ours", response.body);
  std::string body = response.body;
  for (std::size_t piece = 0; response.rest && piece < kMostPieces; ++piece) {
    const auto next = response.rest();
    require(next.has_value(), "what was begun can be ended");
    if (next->empty()) break;
    body += *next;
  }
  const std::string type(response.headers.first("Content-Type").value_or(""));
  const bool is_json = type.starts_with("application/") && type.find("json") != std::string::npos;
  if (is_json && !body.empty()) {
    const auto document = json::parse(body, {.elements = 10'000'000});
    require(document.has_value(), "what is called JSON is JSON", body);
    if (response.status >= 400) {
      const auto* status = document->find("status");
      require(status != nullptr, "an error has its status", body);
      const auto text = status->string() != nullptr ? *status->string() : json::write(*status);
      require(text == std::to_string(response.status), "its body and its line agree", body);
    }
  }
  const int status = response.status;
  const auto bytes = serialize(std::move(response), {.keep_alive = true});
  require(bytes.head.starts_with("HTTP/1.1 ") && bytes.head.ends_with("\r\n\r\n"),
          "an answer has a head", bytes.head);
  require(bytes.head.find("\r\n\r\n") == bytes.head.size() - 4, "nothing breaks out of a header",
          bytes.head);
  // A token is shown once, to who has made it.
  const bool may_show = status == 200 || status == 201;
  require(!server.tellsASecret(bytes.head) && (may_show || !server.tellsASecret(body)),
          "no answer tells a secret", body);
}

}  // namespace
}  // namespace vestibule::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vestibule::http::Server;
  // As long as the process: what it began ends with it.
  static auto& server = *new Server();
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (auto& response : server.answers(input[0] == 'i', server.filledIn(input.substr(1)))) {
    vestibule::http::check(server, std::move(response));
  }
  return 0;
}
