#include "http/page_template.h"

#include <algorithm>
#include <functional>
#include <kainjow/mustache.hpp>
#include <optional>

#include "base/blanks.h"

namespace vestibule::http {
namespace {

namespace mustache = kainjow::mustache;

std::string lineOf(std::string_view text, std::size_t position) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(position, text.size()));
  return "line " + std::to_string(1 + std::count(text.begin(), end, '\n')) + ": ";
}

/// One `{{…}}` of a template.
struct Tag {
  std::size_t position = 0;
  std::size_t end = 0;       ///< behind the closing braces
  std::string_view content;  ///< without blanks around it
};

/// Calls `visit` for each tag. Error of `visit`, or of a tag that is not closed.
Result<void> eachTag(std::string_view text, const std::function<Result<void>(const Tag&)>& visit) {
  for (auto position = text.find("{{"); position != std::string_view::npos;) {
    const auto close = text.find("}}", position + 2);
    if (close == std::string_view::npos) {
      return failure(ErrorKind::kInvalidValue,
                     lineOf(text, position) + "the tag {{ is never closed by }}");
    }
    const Tag tag{position, close + 2, trimmed(text.substr(position + 2, close - position - 2))};
    if (auto visited = visit(tag); !visited) return visited;
    position = text.find("{{", tag.end);
  }
  return {};
}

/// Why a tag may not be used, or nothing.
std::optional<std::string> complaintAbout(std::string_view content) {
  if (content.empty()) return "the tag {{}} names nothing";
  if (content.front() == '{' || content.front() == '&') {
    return "text is never written without escaping: {{name}}, not {{{name}}} or {{&name}}";
  }
  if (content.front() == '=') return "the delimiters {{ and }} cannot be changed";
  if (content.find('{') != std::string_view::npos) return "a tag holds another brace";
  return std::nullopt;
}

Result<void> checkTags(std::string_view text) {
  return eachTag(text, [&](const Tag& tag) -> Result<void> {
    if (const auto complaint = complaintAbout(tag.content)) {
      return failure(ErrorKind::kInvalidValue, lineOf(text, tag.position) + *complaint);
    }
    return {};
  });
}

/// The template with its pieces in place. The library would take a piece from the values as well:
/// then what somebody is called would be a template.
Result<std::string> withPieces(std::string_view text, const TemplatePieces& pieces) {
  std::string whole;
  std::size_t done = 0;
  auto checked = eachTag(text, [&](const Tag& tag) -> Result<void> {
    if (tag.content.empty() || tag.content.front() != '>') return {};
    const auto name = trimmed(tag.content.substr(1));
    const auto piece = pieces.find(name);
    if (piece == pieces.end()) {
      return failure(ErrorKind::kInvalidValue, lineOf(text, tag.position) + "there is no piece " +
                                                   std::string(name) + " (" + std::string(name) +
                                                   ".html)");
    }
    if (auto tags = checkTags(piece->second); !tags) {
      tags.error().detail = piece->first + ".html, " + tags.error().detail;
      return tags;
    }
    auto plain = eachTag(piece->second, [&](const Tag& inner) -> Result<void> {
      if (inner.content.front() != '>') return {};
      return failure(ErrorKind::kInvalidValue, piece->first + ".html, " +
                                                   lineOf(piece->second, inner.position) +
                                                   "a piece cannot take in another");
    });
    if (!plain) return plain;
    whole += text.substr(done, tag.position - done);
    whole += piece->second;
    done = tag.end;
    return {};
  });
  if (!checked) return propagate(checked);
  whole += text.substr(done);
  return whole;
}

mustache::data dataOf(const json::Value& value) {
  if (const auto* text = value.string()) {
    // An empty text would count as true.
    return text->empty() ? mustache::data(false) : mustache::data(*text);
  }
  if (const auto* number = value.number()) return mustache::data(number->text);
  if (const auto* boolean = value.boolean()) return mustache::data(*boolean);
  if (const auto* array = value.array()) {
    mustache::data list(mustache::data::type::list);
    for (const auto& element : *array) list.push_back(dataOf(element));
    return list;
  }
  if (const auto* object = value.object()) {
    mustache::data members(mustache::data::type::object);
    for (const auto& member : *object) members.set(member.key, dataOf(member.value));
    return members;
  }
  return mustache::data(false);
}

}  // namespace

Result<PageTemplate> PageTemplate::compile(std::string_view text, const TemplatePieces& pieces) {
  if (auto tags = checkTags(text); !tags) return propagate(tags);
  auto whole = withPieces(text, pieces);
  if (!whole) return propagate(whole);
  const mustache::mustache parsed(*whole);
  if (!parsed.is_valid()) {
    // The library says `… at POSITION`.
    const std::string& message = parsed.error_message();
    const auto digits = message.find_last_not_of("0123456789") + 1;
    const auto position = digits < message.size() && message.size() - digits < 10
                              ? std::stoul(message.substr(digits))
                              : std::size_t{0};
    return failure(ErrorKind::kInvalidValue,
                   lineOf(*whole, position) + message.substr(0, message.rfind(" at ")));
  }
  return PageTemplate(*std::move(whole));
}

std::string PageTemplate::render(const json::Value& values) const {
  // Parsed anew, since rendering changes the library's object and several threads render at once.
  mustache::mustache parsed(text_);
  return parsed.render(dataOf(values));
}

bool PageTemplate::mentions(std::string_view variable) const {
  bool found = false;
  // Every tag is known to be closed.
  (void)eachTag(text_, [&](const Tag& tag) -> Result<void> {
    found = found || tag.content == variable;
    return {};
  });
  return found;
}

}  // namespace vestibule::http
