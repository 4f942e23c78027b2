#pragma once
// Settings: how the user name of a new user is made from its claims (userNameTemplate).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "jit/claims.h"
#include "json/value.h"

namespace vestibule::jit {

/// A text with placeholders, such as `{preferred_username ?? email|localPart|lowercase}` or
/// `{given_name|first:1}{family_name}-{subject|hash:6}`. A placeholder is one or more sources,
/// tried in order, and takes the first that has one text of which something is left; a source is
/// `subject` or the name of a claim, with filters behind it. `{{` and `}}` are braces. Immutable.
class UserNameTemplate {
 public:
  /// Error kInvalidValue saying what is wrong, for: an unclosed or empty placeholder, an unknown
  /// filter or a bad number behind it, a bad name of a claim, more than kMaxTemplate bytes, control
  /// characters, and a text without placeholders, which would call everybody the same.
  [[nodiscard]] static Result<UserNameTemplate> compile(std::string_view text);

  /// The name. Error kNoUserName (JIT-1201) with the placeholder for which there is nothing.
  /// O(claims × placeholders).
  [[nodiscard]] Result<std::string> fill(const json::Object& claims, const Subject& subject) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  /// True when some placeholder reads the document's member of this name.
  [[nodiscard]] bool reads(std::string_view member) const;
  /// The claims that are read.
  [[nodiscard]] std::vector<const ClaimPath*> claims() const;

  static constexpr std::size_t kMaxTemplate = 512;

 private:
  enum class Filter : std::uint8_t {
    kLowercase,    ///< case folded
    kLocalPart,    ///< of an e-mail address: what stands before the last `@`
    kEmailDomain,  ///< what stands behind it
    kFirst,        ///< so many characters
    kHash,         ///< so many hexadecimal digits of the SHA-256
  };
  struct Step {
    Filter filter = Filter::kLowercase;
    std::size_t number = 0;  ///< of kFirst and kHash
  };
  struct Source {
    std::optional<ClaimPath> claim;  ///< nothing: the subject
    std::vector<Step> steps;
  };
  /// A literal text, or a placeholder with the text it was written as.
  struct Piece {
    std::string text;
    std::vector<Source> sources;  ///< empty: literal
  };

  [[nodiscard]] static Result<Source> readSource(std::string_view text);
  [[nodiscard]] static Result<Step> readStep(std::string_view text);
  [[nodiscard]] static Result<Piece> readPlaceholder(std::string_view text);
  [[nodiscard]] static std::string applied(const Step& step, const std::string& value);
  [[nodiscard]] static std::string valueOf(const Source& source, const json::Object& claims,
                                           const Subject& subject);

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace vestibule::jit
