#include "scim/patch/path.h"

#include <string>
#include <utility>

#include "base/unicode.h"
#include "scim/filter/lexer.h"
#include "scim/path/attribute_path.h"

namespace vestibule::scim {
namespace {

tl::unexpected<Error> invalidPath(std::string detail, std::string attribute = {}) {
  return failure(ErrorKind::kInvalidPath, std::move(detail), std::move(attribute));
}

const Schema* wholeSchema(const ResourceType& type, std::string_view text) {
  if (equalIgnoringAsciiCase(text, type.schema->id)) return type.schema;
  return type.findExtension(text);
}

Result<PatchPath> selectionPath(const Registry& registry, const ResourceType& type,
                                std::string_view text, std::size_t open, Tolerating tolerating) {
  const std::optional<std::size_t> close = closingBracket(text, open);
  if (!close) return invalidPath("the path has a '[' that is not closed");
  Result<AttributeRef> found =
      resolveAttribute(registry, type, text.substr(0, open), ErrorKind::kInvalidPath);
  if (!found) return propagate(found);
  PatchPath path;
  path.attribute = *found;
  const std::string name = found->text();
  if (found->sub != nullptr || !found->attribute->multi_valued) {
    return invalidPath("'" + name + "' has no elements that '[…]' selects", name);
  }
  Result<BoundFilter> selection =
      parseValueFilter(*found, text.substr(open + 1, *close - open - 1), {}, tolerating);
  if (!selection) {
    selection.error().attribute = name;
    return propagate(selection);
  }
  path.selection = std::move(*selection);

  std::string_view rest = text.substr(*close + 1);
  if (rest.empty()) return path;
  if (rest.front() != '.') return invalidPath("behind ']' only '.' and a name may stand", name);
  rest.remove_prefix(1);
  path.attribute.sub = found->attribute->findSub(rest);
  if (path.attribute.sub == nullptr) {
    return invalidPath("'" + name + "' has no sub-attribute of the name behind ']'", name);
  }
  return path;
}

}  // namespace

Result<PatchPath> parsePatchPath(const Registry& registry, const ResourceType& type,
                                 std::string_view text, Tolerating tolerating) {
  if (text.size() > FilterLimits{}.bytes) {
    return invalidPath("the path is longer than " + std::to_string(FilterLimits{}.bytes) +
                       " bytes");
  }
  PatchPath path;
  path.whole = wholeSchema(type, text);
  if (path.whole != nullptr) return path;
  const std::size_t open = text.find('[');
  if (open != std::string_view::npos) return selectionPath(registry, type, text, open, tolerating);

  Result<AttributeRef> found = resolveAttribute(registry, type, text, ErrorKind::kInvalidPath);
  if (!found) return propagate(found);
  if (found->sub != nullptr && found->attribute->multi_valued) {
    return invalidPath("'" + found->text() + "' does not say of which elements: use '[…]'",
                       found->text());
  }
  path.attribute = *found;
  return path;
}

}  // namespace vestibule::scim
