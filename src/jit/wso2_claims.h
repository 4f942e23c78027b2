#pragma once
// The local claims of WSO2 Identity Server and what they are in SCIM.

#include <optional>
#include <string_view>

namespace vestibule::jit {

/// What a local claim is here.
struct Wso2Claim {
  std::string_view uri;        ///< `http://wso2.org/claims/givenname`
  std::string_view attribute;  ///< a path as settings write it
  /// WSO2's own mapping, which puts the claim at an attribute of another meaning: not to be
  /// followed.
  bool misleading = false;
};

/// The claim as WSO2's default SCIM 2.0 dialects map it (claim-config.xml of its claim management);
/// nothing for one that they do not have. URIs are compared exactly.
[[nodiscard]] std::optional<Wso2Claim> wso2Claim(std::string_view uri);

/// The user name.
inline constexpr std::string_view kWso2UserName = "http://wso2.org/claims/username";
/// The e-mail address that account linking compares when no rule says otherwise.
inline constexpr std::string_view kWso2Email = "http://wso2.org/claims/emailaddress";

/// True for the claims that hold roles or groups.
[[nodiscard]] bool isWso2RoleClaim(std::string_view uri);

}  // namespace vestibule::jit
