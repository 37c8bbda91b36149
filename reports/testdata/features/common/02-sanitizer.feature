Feature: What no scenario has to say

  @rule:SAN-STALENESS @kind:spec
  Rule: A removed mapping translates nothing once the call that promises it has returned

    Source: Sample architecture manual, revision B, 2023-11-20 "software shall invalidate before reuse"

    Example: an unmap with a cached translation
      Given a domain A for d1
      When the driver unmaps 4 KiB at 0x1000 in A
      Then the sanitizer finds nothing

  @rule:SAN-BALANCE @kind:review
  Rule: What a driver takes it gives back

    Source: Review of the sample series, 2024-06-12 "this leaks the page"

    Example: a domain made and freed twice
      Given a domain A for d1
      When the driver frees A
      Then the sanitizer finds nothing
