#pragma once
// The SCIM endpoints (RFC 7644) on both bases: `/scim/v2` over every domain the token may see, and
// `/domains/{domain}/scim/v2` over one.

#include <string>

#include "directory/context.h"
#include "http/router.h"
#include "http/tolerance_report.h"

namespace vestibule::outbound {
class Waits;
}

namespace vestibule::http {

/// What the SCIM endpoints need beside the use cases.
struct ScimApiOptions {
  /// How clients reach this server from outside, such as `https://id.example.com`; empty: from the
  /// request's Host header.
  std::string public_url;
  /// Told which tolerances requests needed. Outlives the router.
  const ToleranceReport* tolerances = nullptr;
  /// A PUT, PATCH or DELETE without If-Match is refused by 428 (RFC 6585 §3), and so is such an
  /// operation of a bulk request without `version`.
  bool require_if_match = false;
  /// Told of users and groups that were changed, for other systems that get them; bulk requests do
  /// not wait for these. Outlives the router; may be null.
  outbound::Waits* outbound = nullptr;
};

/// Adds every SCIM route. `context` must outlive the router.
void addScimRoutes(Router& router, const directory::Context& context,
                   const ScimApiOptions& options);

}  // namespace vestibule::http
