#pragma once
// The exchanges of tests/golden/idp, whose README.md says what they mean. Nothing here knows how
// they are played.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/parse.h"
#include "json/value.h"
#include "json/write.h"

namespace vestibule::test {

struct ExchangeRequest {
  std::string method;
  std::string path;  ///< below the SCIM base URL
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::string> headers;  ///< complete lines
  std::optional<json::Value> body;
};

struct ExpectedAnswer {
  std::vector<int> statuses;
  std::optional<json::Value> body;
};

struct ExchangeStep {
  bool prepares = false;  ///< of the setup
  std::string as;         ///< the name for the id in the answer; empty: none
  ExchangeRequest request;
  ExpectedAnswer expected;
};

/// One file: every request with what it must answer, in order.
struct Exchange {
  std::string name;
  std::string row;
  std::string tolerances;  ///< with which its client is served
  std::vector<ExchangeStep> steps;
  /// The setup and the request, with what the request must answer where nothing is tolerated. Empty
  /// where the file says nothing about that.
  std::vector<ExchangeStep> strict_steps;
};

/// The ids that names stand for in this run.
using ExchangeIds = std::map<std::string, std::string>;

inline std::vector<std::filesystem::path> exchangeFiles() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder =
      std::filesystem::path(VESTIBULE_SOURCE_DIR) / "tests" / "golden" / "idp";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

namespace exchange_detail {

inline tl::unexpected<Error> malformed(const std::string& what) {
  return failure(ErrorKind::kInvalidSyntax, "exchange: " + what);
}

inline Result<ExchangeRequest> readRequest(const json::Value& value) {
  const auto method = value.stringAt("method");
  const auto path = value.stringAt("path");
  if (!method || !path) return malformed("a request needs 'method' and 'path'");
  ExchangeRequest request{std::string(*method), std::string(*path), {}, {}, {}};
  if (const json::Value* headers = value.find("headers")) {
    if (!headers->isObject()) return malformed("'headers' must be an object");
    for (const json::Member& member : *headers->object()) {
      if (!member.value.isString()) return malformed("'headers' holds texts");
      request.headers.push_back(member.key + ": " + *member.value.string());
    }
  }
  if (const json::Value* query = value.find("query")) {
    if (!query->isObject()) return malformed("'query' must be an object");
    for (const json::Member& member : *query->object()) {
      if (!member.value.isString()) return malformed("'query' holds texts");
      request.query.emplace_back(member.key, *member.value.string());
    }
  }
  if (const json::Value* body = value.find("body")) request.body = *body;
  return request;
}

inline Result<ExpectedAnswer> readExpected(const json::Value* value) {
  const json::Value* status = value == nullptr ? nullptr : value->find("status");
  if (status == nullptr) return malformed("'expect' needs a 'status'");
  ExpectedAnswer expected;
  const json::Array single{*status};
  for (const json::Value& one : status->isArray() ? *status->array() : single) {
    const auto number = one.isNumber() ? one.number()->asInt64() : std::nullopt;
    if (!number) return malformed("a 'status' is a number");
    expected.statuses.push_back(static_cast<int>(*number));
  }
  if (const json::Value* body = value->find("body")) expected.body = *body;
  return expected;
}

inline Result<ExchangeStep> readStep(const json::Value* request, const json::Value* expected) {
  if (request == nullptr) return malformed("'request' is missing");
  Result<ExchangeRequest> sent = readRequest(*request);
  if (!sent) return propagate(sent);
  Result<ExpectedAnswer> answer = readExpected(expected);
  if (!answer) return propagate(answer);
  return ExchangeStep{false, {}, std::move(*sent), std::move(*answer)};
}

inline bool matchesArray(const json::Array& expected, std::size_t next, const json::Array& actual,
                         std::vector<bool>& taken);

}  // namespace exchange_detail

/// What the client of a folder is served with when its file does not say: the preset of the
/// folder's name where there is one.
inline std::string tolerancesOfFolder(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  return name == "entra" || name == "okta" ? name : "default";
}

/// Reads a file. Error kInvalidSyntax when it is not as the README says.
inline Result<Exchange> readExchange(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file).rdbuf();
  Result<json::Value> document = json::parse(content.str());
  if (!document) return propagate(document);
  Exchange exchange{
      std::string(document->stringAt("name").value_or("")),
      std::string(document->stringAt("row").value_or("")),
      std::string(
          document->stringAt("tolerances").value_or(tolerancesOfFolder(file.parent_path()))),
      {},
      {}};
  if (exchange.name.empty() || exchange.row.empty()) {
    return exchange_detail::malformed("'name' or 'row' is missing");
  }
  if (const json::Value* setup = document->find("setup")) {
    if (!setup->isArray()) return exchange_detail::malformed("'setup' must be an array");
    for (const json::Value& request : *setup->array()) {
      Result<ExchangeRequest> sent = exchange_detail::readRequest(request);
      if (!sent) return propagate(sent);
      exchange.steps.push_back(
          {true, std::string(request.stringAt("as").value_or("")), std::move(*sent), {{201}, {}}});
    }
  }
  Result<ExchangeStep> step =
      exchange_detail::readStep(document->find("request"), document->find("expect"));
  if (!step) return propagate(step);
  if (const json::Value* strict = document->find("strict")) {
    Result<ExpectedAnswer> refusal = exchange_detail::readExpected(strict);
    if (!refusal) return propagate(refusal);
    exchange.strict_steps = exchange.steps;
    exchange.strict_steps.push_back({false, {}, step->request, std::move(*refusal)});
  }
  exchange.steps.push_back(std::move(*step));
  if (const json::Value* after = document->find("after")) {
    if (!after->isArray()) return exchange_detail::malformed("'after' must be an array");
    for (const json::Value& value : *after->array()) {
      step = exchange_detail::readStep(value.find("request"), value.find("expect"));
      if (!step) return propagate(step);
      exchange.steps.push_back(std::move(*step));
    }
  }
  return exchange;
}

/// The text with ids in the place of their names.
inline std::string filled(std::string text, const ExchangeIds& ids) {
  for (const auto& [name, id] : ids) {
    const std::string holder = "{" + name + "}";
    for (std::size_t at = text.find(holder); at != std::string::npos;
         at = text.find(holder, at + id.size())) {
      text.replace(at, holder.size(), id);
    }
  }
  return text;
}

inline json::Value filled(json::Value value, const ExchangeIds& ids) {
  if (std::string* text = value.string()) *text = filled(std::move(*text), ids);
  if (json::Array* array = value.array()) {
    for (json::Value& element : *array) element = filled(std::move(element), ids);
  }
  if (json::Object* object = value.object()) {
    for (json::Member& member : *object) member.value = filled(std::move(member.value), ids);
  }
  return value;
}

inline ExchangeRequest filled(ExchangeRequest request, const ExchangeIds& ids) {
  request.path = filled(std::move(request.path), ids);
  for (auto& [name, value] : request.query) value = filled(std::move(value), ids);
  if (request.body) request.body = filled(std::move(*request.body), ids);
  return request;
}

/// Whether `expected` is a part of `actual`, by the rules of the README.
inline bool isPartOf(const json::Value& expected, const json::Value& actual) {
  if (const json::Object* object = expected.object()) {
    return actual.isObject() &&
           std::all_of(object->begin(), object->end(), [&](const json::Member& member) {
             const json::Value* found = actual.find(member.key);
             if (member.value.isNull()) return found == nullptr;
             return found != nullptr && isPartOf(member.value, *found);
           });
  }
  if (const json::Array* array = expected.array()) {
    if (!actual.isArray() || actual.array()->size() != array->size()) return false;
    std::vector<bool> taken(array->size());
    return exchange_detail::matchesArray(*array, 0, *actual.array(), taken);
  }
  return expected == actual;
}

/// What is wrong with an answer, empty when nothing is. `body` null: the answer has none.
inline std::string mismatch(const ExpectedAnswer& expected, const ExchangeIds& ids, int status,
                            const json::Value& body) {
  const auto& statuses = expected.statuses;
  if (std::find(statuses.begin(), statuses.end(), status) == statuses.end()) {
    return "status " + std::to_string(status) + " with " + json::write(body);
  }
  if (!expected.body) return {};
  const json::Value wanted = filled(*expected.body, ids);
  if (isPartOf(wanted, body)) return {};
  return "expected " + json::write(wanted) + "\nfound    " + json::write(body);
}

namespace exchange_detail {

inline bool matchesArray(const json::Array& expected, std::size_t next, const json::Array& actual,
                         std::vector<bool>& taken) {
  if (next == expected.size()) return true;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (taken[i] || !isPartOf(expected[next], actual[i])) continue;
    taken[i] = true;
    if (matchesArray(expected, next + 1, actual, taken)) return true;
    taken[i] = false;
  }
  return false;
}

}  // namespace exchange_detail

}  // namespace vestibule::test
