@area:order @needs:iommu @needs:paging
Feature: The order in which a device context is changed and forgotten

  @rule:RVN-SEQ-06 @kind:spec @profile:riscv-review @profile:riscv-mainline
  Rule: After the change and before the answer the old context is invalidated, and until then either may be used

    Source: RISC-V IOMMU Architecture Specification 1.0, "Changing device directory table entry" "the IOMMU may use the old value or the new value"

    @needs:replace @needs:identity
    Example: a first stage in place of identity
      Given a domain A for d1
      And an identity domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to B
      And d1 reads 0x9000_0000
      When the driver replaces the domain of d1 by A
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d1 reading 0x9000_0000 faults with cause 13

    @needs:nesting @needs:replace
    Example: a second stage in place of another
      Given a nest parent A for d1
      And a nest parent B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x1000 faults with cause 21

    @needs:nesting @needs:replace
    Example: both stages in place of the second
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      And d1 reads 0x20_0000
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x20_0000 faults with cause 13
      And d1 reading 0x1000 reaches PA 0x8000_0000

    @needs:nesting @needs:replace
    Example: the second stage in place of both
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver replaces the domain of d1 by A
      Then d1 reading 0x1000 faults with cause 21
      And d1 reading 0x20_0000 reaches PA 0x8000_0000

  @rule:RVN-SEQ-07 @kind:spec @profile:riscv-review @profile:riscv-mainline
  Rule: A context that has to be stopped is invalidated before its other words change, and becomes valid after them

    Source: RISC-V IOMMU Architecture Specification 1.0, "Updating in-memory data structure entries" "must first set the V field to 0 and use the commands"

    @needs:replace
    Example: a first stage in place of another
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver maps 4 KiB at 0x2000 in B to PA 0x9000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1000
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x2000 reaches PA 0x9000_0000
      And d1 reading 0x1000 faults with cause 13

    Example: a first stage where nothing was valid
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d1 reading 0x9000_0000 faults with cause 13

    @needs:nesting
    Example: nothing valid in place of both stages
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver detaches d1 from B
      Then d1 reading 0x1000 faults with cause 258
      And d1 reading 0x20_0000 faults with cause 258

    @needs:nesting
    Example: both stages where nothing was valid
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d1 reading 0x20_0000 faults with cause 13
