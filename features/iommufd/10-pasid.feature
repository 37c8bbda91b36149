@area:pasid @needs:iommufd @needs:pasid
Feature: PASIDs of a device, each with a HWPT of its own

  @rule:IFD-PAS-01 @kind:uapi @profile:iommufd
  Rule: A PASID takes a HWPT that was made for PASIDs, and no IOAS

    Source: Linux, include/uapi/linux/iommufd.h "Requests a domain that can be used with PASID"

    Scenario Outline: <what>
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1 with flags PASID
      When the user attaches D1 with PASID 5 to <pt>, refused with EINVAL
      Then the user attaches D1 with PASID 5 to H2

      Examples:
        | what                   | pt |
        | a HWPT of another kind | H1 |
        | an IOAS                | I1 |
        | the device             | D1 |

    Example: and moves to no other
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1 with flags PASID
      And the user attaches D1 with PASID 5 to H2
      When the user moves D1 with PASID 5 to H1, refused with EINVAL
      Then the user calls IOMMU_DESTROY, refused with EBUSY:
        | id | H2 |

  @rule:IFD-PAS-02 @kind:uapi @profile:iommufd
  Rule: Where PASIDs are attached, so is a HWPT for PASIDs to the device's other requests, or none

    Source: Linux, include/uapi/linux/iommufd.h "attached to the non-PASID part of the device must also be flagged"

    Example: the device first
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1 with flags PASID
      And the user attaches D1 to H1
      When the user attaches D1 with PASID 5 to H2, refused with EINVAL
      Then the user moves D1 to H2
      And the user attaches D1 with PASID 5 to H2

    Example: the PASID first
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1 with flags PASID
      And the user attaches D1 with PASID 5 to H2
      When the user attaches D1 to H1, refused with EINVAL
      Then the user attaches D1 to H2

    Example: both, and then the device is to move
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1
      And a HWPT H2 of I1 for D1 with flags PASID
      And the user attaches D1 with PASID 5 to H2
      And the user attaches D1 to H2
      When the user moves D1 to H1, refused with EINVAL
      Then the user detaches D1 with PASID 5
      And the user moves D1 to H1

  @rule:IFD-PAS-03 @kind:observed @profile:iommufd
  Rule: A PASID is one that the device has, and not 0

    Source: "[PATCH v6 4/5] iommu: Introduce pci_dev_reset_iommu_prepare/done()", 18 Nov 2025, drivers/iommu/iommu.c "Skip PASID validation for devices without PASID support"

    Scenario Outline: <pasid> of 8 bits
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      When the user attaches D1 with PASID <pasid> to H1, refused with EINVAL
      Then the user attaches D1 with PASID 255 to H1

      Examples:
        | pasid   |
        | 0       |
        | 256     |
        | 1048576 |

    Example: the first and the last
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      When the user attaches D1 with PASID 1 to H1
      Then the user attaches D1 with PASID 255 to H1

    Example: the narrowest of a group decides
      Given d1 has PASIDs of 8 bits
      And d2 has PASIDs of 4 bits
      And d2 is in the group of d1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1 with flags PASID
      When the user attaches D1 with PASID 16 to H1, refused with EINVAL
      Then the user attaches D1 with PASID 15 to H1

  @rule:IFD-PAS-04 @kind:observed @profile:iommufd
  Rule: A PASID is attached once, moves only from where it is, and is detached as often as one likes

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "Check if idev is attached to igroup->hwpt"

    Example: attached twice
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And the user attaches D1 with PASID 5 to H1
      When the user attaches D1 with PASID 5 to H1, refused with EBUSY
      Then the user detaches D1 with PASID 5
      And the user calls IOMMU_DESTROY:
        | id | H1 |

    Example: moved from nowhere
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And the user attaches D1 with PASID 6 to H1
      When the user moves D1 with PASID 5 to H1, refused with EINVAL
      Then the user attaches D1 with PASID 5 to H1

    Example: detached twice
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And the user attaches D1 with PASID 5 to H1
      And the user detaches D1 with PASID 5
      When the user detaches D1 with PASID 5
      Then the user calls IOMMU_DESTROY:
        | id | H1 |
