#include "jit/consent_path.h"

#include <utility>

#include "base/unicode.h"
#include "scim/patch/path.h"

namespace vestibule::jit {
namespace {

/// What the column of decisions has room for.
constexpr std::size_t kMaxPath = 255;

tl::unexpected<Error> refuse(std::string_view path, const std::string& reason) {
  return failure(ErrorKind::kInvalidValue, "'" + std::string(path) + "' " + reason);
}

/// True when `text` is `path`, or begins with it and goes on with a part.
bool beginsWith(std::string_view text, std::string_view path) {
  if (path.empty() || !text.starts_with(path)) return false;
  return text.size() == path.size() || text[path.size()] == '.' || text[path.size()] == '[';
}

}  // namespace

Result<ConsentPath> ConsentPath::bind(const scim::Registry& registry,
                                      const scim::ResourceType& user_type, std::string_view path) {
  auto parsed = scim::parsePatchPath(registry, user_type, path);
  if (!parsed) {
    parsed.error().kind = ErrorKind::kInvalidValue;
    return propagate(parsed);
  }
  if (parsed->whole != nullptr) return refuse(path, "is a schema: name one of its attributes");
  if (parsed->selection) {
    return refuse(path, "selects an element: consent is about '" +
                            parsed->attribute.attribute->name + "' as a whole");
  }
  if (auto mappable = checkMappable(user_type, parsed->attribute, path); !mappable) {
    return propagate(mappable);
  }
  ConsentPath bound;
  bound.text_ = parsed->attribute.text();
  if (codePointCount(bound.text_) > kMaxPath) {
    return refuse(path, "is longer than 255 characters");
  }
  return bound;
}

ConsentPath ConsentPath::ofText(std::string text) {
  ConsentPath path;
  path.text_ = std::move(text);
  return path;
}

bool ConsentPath::covers(const AttributeTarget& target) const {
  return beginsWith(target.text(), text_);
}

bool ConsentPath::contains(const ConsentPath& other) const {
  return other.text_ == text_ || beginsWith(other.text_, text_);
}

}  // namespace vestibule::jit
