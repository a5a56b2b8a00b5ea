// Owns two self-signed certificates for localhost, good for a hundred years, with their keys. They protect nothing: a test that
// needs HTTPS serves one of them.

export type Certificate = { name: string; cert: string; key: string };

export const firstCertificate: Certificate = {
  name: 'first',
  cert: `-----BEGIN CERTIFICATE-----
MIIBkzCCATmgAwIBAgIUC5tkSq/4IHUlDkbsOdw4imeKreAwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFZmlyc3QwIBcNMjYxMTI0MTEwMTA4WhgPMjEyNjEwMzExMTAx
MDhaMBAxDjAMBgNVBAMMBWZpcnN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
rKtctPiLlpL1zTnSQK7uQPhyAmnCjcENsgWLANmgzHv2Fnl0WUkNbvwLgNjv/eOQ
V2xrIb0FRso8Wkoe4nC49qNvMG0wHQYDVR0OBBYEFH9poS7CnxxyhvcgULMeu8Vt
OLLzMB8GA1UdIwQYMBaAFH9poS7CnxxyhvcgULMeu8VtOLLzMA8GA1UdEwEB/wQF
MAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0gA
MEUCIDNWutP2n9um5jAwmjimVDOVojUtyoNDvQUs/AaAGhF3AiEA5jv8mQPvbvEX
8TwUhOmCj5h8d6sFFDxhAmwwwUITvvY=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9U3gK9GaHfKKgxYN
yyhTM8C59T93mYUmwWsT1pNg5sqhRANCAASsq1y0+IuWkvXNOdJAru5A+HICacKN
wQ2yBYsA2aDMe/YWeXRZSQ1u/AuA2O/945BXbGshvQVGyjxaSh7icLj2
-----END PRIVATE KEY-----
`,
};

export const secondCertificate: Certificate = {
  name: 'second',
  cert: `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUXGk5U+iF6bxlDYMQwFcobv1R2xgwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGc2Vjb25kMCAXDTI2MTEyNDExMDEwOFoYDzIxMjYxMDMxMTEw
MTA4WjARMQ8wDQYDVQQDDAZzZWNvbmQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQiks41P7N2GqVeJYeUH0o+Wo2lmBe8HRGeGR8myy/I9nlCkbnuEYNfeKyckQAQ
O/om+vCz+ILHXztHX+E9OYgso28wbTAdBgNVHQ4EFgQUP9APZdw/1BdWLjnP352Q
gUj1VnwwHwYDVR0jBBgwFoAUP9APZdw/1BdWLjnP352QgUj1VnwwDwYDVR0TAQH/
BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwID
RwAwRAIgC1lVLbpy520Z6ksWG9qhggFe5lEp2lz8y+mLMt/lgNICIHyMrweLjHrQ
UtkbHWvANlQm6BKvXoqpLC/n/72z5CH+
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvoE+9WWcqjXgeY5d
agwC4BgFFtrHgRppXGyJSfMwhsehRANCAAQiks41P7N2GqVeJYeUH0o+Wo2lmBe8
HRGeGR8myy/I9nlCkbnuEYNfeKyckQAQO/om+vCz+ILHXztHX+E9OYgs
-----END PRIVATE KEY-----
`,
};
