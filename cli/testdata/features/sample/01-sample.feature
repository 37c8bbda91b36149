@area:sample @needs:iommu @needs:paging
Feature: What the command's own tests run

  @rule:SAMPLE-BEFORE-01 @kind:spec
  Rule: A driver that fails for d2 serves d1 before it

    Source: the tests of the command "serves d1 before it"

    Example: before
      Given a domain A for d1
      When the driver attaches d1 to A
      Then d1 reading 0x1000 faults

  @rule:SAMPLE-CALL-01 @kind:spec
  Rule: What fails in a When breaks the rule

    Source: the tests of the command "breaks the rule"

    Example: in the call
      Given a domain A for d2
      When the driver attaches d2 to A
      Then d2 reading 0x1000 faults

  @rule:SAMPLE-SCENE-01 @kind:review
  Rule: What fails in a Given leaves the rule untested

    Source: the tests of the command "leaves the rule untested"

    Example: in the scene
      Given a domain A for d2
      And the driver attaches d2 to A
      When the driver detaches d2 from A
      Then d2 reading 0x1000 faults

  @rule:SAMPLE-AFTER-01 @kind:spec @heavy
  Rule: A driver that fails for d2 serves d1 after it

    Source: the tests of the command "serves d1 after it"

    Scenario Outline: after, <size> at a time
      Given a domain A for d1
      And the driver attaches d1 to A
      When the driver maps <size> at 0x1000 in A to PA 0x8000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x8000_0000

      Examples:
        | size  |
        | 4 KiB |
        | 8 KiB |

  @rule:SAMPLE-NONE-01 @kind:spec
  Rule: A rule may be left out for a reason

    Source: the tests of the command "for a reason"
    Excluded: nothing tests it
