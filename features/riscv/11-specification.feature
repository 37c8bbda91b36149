@area:specification @needs:iommu @needs:nesting
Feature: Contexts and directories that hardware of this architecture accepts

  @rule:RVN-SP-01 @kind:spec @profile:riscv-review
  Rule: A device without a domain faults with cause 258, and one with a domain has no fault of its configuration

    Source: RISC-V IOMMU Architecture Specification 1.0, "Process to locate the Device-context" "If DC.tc.V == 0, stop and report"

    Example: before it is attached, while it is, and after
      Given a domain A for d1
      And d1 reading 0x1000 faults with cause 258
      When the driver attaches d1 to A
      Then d1 reading 0x1000 faults with cause 13
      And detaching d1 from A is accepted
      And d1 reading 0x1000 faults with cause 258

    Scenario Outline: a guest's first stage, where hardware has <part>
      Given IOMMU 0 has <part>
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And d1 reading 0x5000 faults with cause 13

      Examples:
        | part        |
        | no AMO_HWAD |
        | no ATS      |
        | no MSI_FLAT |
        | no Sv57x4   |

  @rule:RVN-SP-02 @kind:spec @profile:riscv-review
  Rule: A device with an id that is wider than the directory is not taken, and one with the last id is served

    Source: RISC-V IOMMU Architecture Specification 1.0, "Process to translate an IOVA" "If the device_id is wider than that supported by the IOMMU mode"

    Scenario Outline: <levels>, <part>
      Given IOMMU 0 has directories of <levels>
      And IOMMU 0 has <part>
      And d1 has the id <last>
      And d2 has the id <first beyond>
      And an identity domain A for d1
      When the driver attaches d1 to A
      Then d1 reading 0x8000_0000 reaches PA 0x8000_0000
      And probing d2 is refused with ENODEV

      Examples:
        | levels   | part        | last      | first beyond |
        | 1 level  | no DBG      | 0x3f      | 0x40         |
        | 1 level  | no MSI_FLAT | 0x7f      | 0x80         |
        | 2 levels | no DBG      | 0x7fff    | 0x8000       |
        | 2 levels | no MSI_FLAT | 0xffff    | 0x1_0000     |
        | 3 levels | no DBG      | 0xff_ffff | 0x100_0000   |
        | 3 levels | no MSI_FLAT | 0xff_ffff | 0x100_0000   |

  @rule:RVN-SP-03 @kind:spec @profile:riscv-review
  Rule: With a process directory of the guest's, a request without a process is the default process's, or goes past the first stage

    Source: RISC-V IOMMU Architecture Specification 1.0, "Process to translate an IOVA" "there is no process_id associated with the transaction"

    Scenario Outline: <what>
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | tc.PDTV   | 1     |
        | tc.DPE    | <dpe> |
        | pdtp.MODE | PD8   |
        | pdtp.PPN  | 0x201 |
      When the driver attaches d1 to B
      Then d1 reading 0x20_0008 <reach>

      Examples:
        | what                          | dpe | reach                  |
        | past the first stage          | 0   | reaches PA 0x8000_0008 |
        | process 0, which is not there | 1   | faults with cause 266  |

  @rule:RVN-SP-04 @kind:spec @profile:riscv-review
  Rule: What is wrong in the guest's process directory is the guest's fault, with the causes of process directories

    Source: RISC-V IOMMU Architecture Specification 1.0, "Process to locate the Process-context" "If PC.ta.V == 0, stop and report"

    Scenario Outline: <what>
      Given a nest parent A for d1 with a guest
      And the guest of A maps 0x0 to GPA 0x20_0000 in its tables at GPA 0x10_0000
      And the driver allocates nested domain B for d1 on A, from:
        | tc.PDTV   | 1      |
        | tc.DPE    | 1      |
        | pdtp.MODE | <mode> |
        | pdtp.PPN  | <ppn>  |
      When the driver attaches d1 to B
      Then d1 reading 0x20_0008 faults with cause <cause>

      Examples:
        | what                                    | mode | ppn   | cause |
        | a process context that is not valid     | PD8  | 0x201 | 266   |
        | an entry above it that is not valid     | PD17 | 0x201 | 266   |
        | a process context with reserved bits    | PD8  | 0x102 | 267   |
        | a directory where the guest has nothing | PD8  | 0x300 | 21    |
